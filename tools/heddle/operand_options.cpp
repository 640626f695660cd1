#include "tools/heddle/operand_options.h"

#include "sim/base/errors.h"

namespace heddle {

namespace po = boost::program_options;

void add_operand_options(po::options_description& options) {
  options.add_options()("b", po::value<std::string>()->value_name("MATRIX"), "file of B; with one MATRIX only")(
      "b-transposed", po::bool_switch(), "B is the transpose of A")(
      "swap", po::bool_switch(),
      "the transposed product, B' * A': operands lie by columns and change roles, C comes out by columns");
}

OperandChoice read_operands(const po::variables_map& values) {
  OperandChoice choice;
  if (values.count("b")) choice.b = values["b"].as<std::string>();
  choice.b_transposed = values["b-transposed"].as<bool>();
  choice.swap = values["swap"].as<bool>();
  if (choice.b && choice.b_transposed) throw InputError("--b and --b-transposed exclude each other");
  return choice;
}

}  // namespace heddle
