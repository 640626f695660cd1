// The .smtx text of the Deep Learning Matrix Collection (arXiv:2006.10901): a pattern in CSR, indices from 0.
//   line 1: rows, cols, nnz        line 2: rows + 1 row offsets        line 3: nnz column indices, row by row
#pragma once

#include <iosfwd>
#include <string>

#include "matrices/loaded_matrix.h"

namespace heddle {

class ByteSource;

/// Columns of a row may come in any order but not twice. Throws InputError "name:line: what is wrong; expected ...".
LoadedMatrix read_smtx(ByteSource& bytes, const std::string& name, const ReadLimits& limits = {});
/// The same from a stream, plain or gzip.
LoadedMatrix read_smtx(std::istream& stream, const std::string& name, const ReadLimits& limits = {});

}  // namespace heddle
