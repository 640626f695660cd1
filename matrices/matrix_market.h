// Matrix Market text, https://math.nist.gov/MatrixMarket/formats.html
//
// Read: coordinate and array; real (double), integer, pattern; general, symmetric, skew-symmetric. Blank lines and
// comments anywhere, LF or CRLF, words of the banner in any case, Fortran exponents (1.5D+03). `complex`, `hermitian`
// and objects other than `matrix` are refused. A symmetric file holds the lower triangle only, a skew-symmetric one the
// strictly lower. Limits: 2^31 - 1 rows and columns, 1 MiB per line, integers that a double holds exactly.
#pragma once

#include <iosfwd>
#include <string>

#include "matrices/loaded_matrix.h"

namespace heddle {

class ByteSource;

/// `name` stands for the file in messages: InputError "name:line: what is wrong; expected ...".
LoadedMatrix read_matrix_market(ByteSource& bytes, const std::string& name, const ReadLimits& limits = {});
/// The same from a stream, plain or gzip.
LoadedMatrix read_matrix_market(std::istream& stream, const std::string& name, const ReadLimits& limits = {});

enum class MarketField { real, pattern };

/// Coordinate general, rows in order, the shortest decimal that reads back to the same double. Lines of `comment` are
/// written below the banner.
void write_matrix_market(std::ostream& stream, const Csr& matrix, MarketField field, const std::string& comment = {});

/// The same to a file, complete or not at all (temporary name, then renamed); gzip when the path ends in .gz. Throws
/// InputError when it cannot be written.
void save_matrix_market(const std::string& path, const Csr& matrix, MarketField field, const std::string& comment = {});

}  // namespace heddle
