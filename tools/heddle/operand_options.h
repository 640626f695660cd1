// The options that say what is multiplied.
#pragma once

#include <boost/program_options.hpp>

#include "tools/heddle/simulation.h"

namespace heddle {

void add_operand_options(boost::program_options::options_description& options);
/// Throws InputError for options that exclude each other.
OperandChoice read_operands(const boost::program_options::variables_map& values);

}  // namespace heddle
