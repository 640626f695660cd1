// The matrices of a sweep: by file, glob, generator, or a filter over the INDEX.csv of a collection.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "matrices/generate.h"
#include "matrices/reorder.h"
#include "tools/sweep/raw_node.h"

namespace heddle {

/// What B is, given A.
enum class Operand : std::uint8_t {
  automatic,   ///< A if A is square, else its transpose
  same,        ///< A
  transposed,  ///< the transpose of A
  file,        ///< a file of its own
};

/// One product A*B to be loaded when its turn comes.
struct MatrixSource {
  std::string name;  ///< of A: unique within a sweep, without any folder of this machine
  std::string path;  ///< file of A; "" when generated
  std::optional<GeneratorConfig> generator;
  Operand b = Operand::automatic;
  std::string b_path;
  ReorderMethod order = ReorderMethod::given;  ///< of the rows of A; with rcm B = A follows
  std::uint64_t order_cache = 0;               ///< bytes, see affinity_window()
  bool swap = false;                           ///< B' * A' instead
  std::string where;                           ///< "sweep.yaml:7", for messages
};

/// The keys of one entry of `matrices:`.
struct MatrixSetKeys {
  RawNode files, index, where, generate, b, reorder, swap;
  Bytes reorder_cache{3 << 20};
  bool optional = false;
};
template <class V>
void describe(V& v, MatrixSetKeys& s) {
  v.field("files", s.files, "text",
          "a file or a pattern with * and ?, or a list of them, relative to the sweep's file");
  v.field("index", s.index, "text", "a CSV table with columns `name` and `file`, one row per matrix");
  v.field("where", s.where, "text",
          "with index: conditions by column, all to hold; a text with * and ?, a range LOW..HIGH, or a list of them");
  v.field("generate", s.generate, "text", "keys of heddle matrix generate; a list is an axis");
  v.field("b", s.b, "text", "auto: A if square, else its transpose; same; transposed; or the file of B");
  v.field("reorder", s.reorder, "text",
          "order of A's rows: given, affinity, rcm (B's too) or degree; a list is an axis, names end in the order");
  v.field("reorder_cache", s.reorder_cache, "bytes", "with reorder affinity: what sets the window, see heddle help");
  v.field("swap", s.swap, "bool",
          "the transposed product, B' * A': operands lie by columns and change roles; a list is an axis, names end in "
          "swapped");
  v.field("optional", s.optional, "bool", "leave the set out when its file or environment variable is not there");
}

struct MatrixList {
  std::vector<MatrixSource> sources;
  std::vector<std::string> notes;  ///< optional sets that were left out
};

/// Expands the list `matrices:` of a sweep file in `folder`. A path may begin with ${NAME}, an environment variable.
/// Throws InputError with place, key path and nearest spelling.
MatrixList expand_matrices(const RawNode& matrices, const std::string& folder);

/// Does `text` match `pattern`, in which * stands for any text and ? for any letter?
bool matches(const std::string& pattern, const std::string& text);

}  // namespace heddle
