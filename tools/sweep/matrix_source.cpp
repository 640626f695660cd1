#include "tools/sweep/matrix_source.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <utility>

#include "sim/base/errors.h"
#include "sim/base/file_io.h"
#include "sim/base/number.h"
#include "sim/base/spelling.h"
#include "tools/sweep/axes.h"
#include "tools/sweep/csv.h"
#include "tools/sweep/paths.h"

namespace heddle {
namespace {

namespace fs = std::filesystem;
using Kind = ConfigNode::Kind;

bool has_wildcard(const std::string& text) {
  return text.find_first_of("*?") != std::string::npos;
}

/// "LOW..HIGH", either end may be missing; none if `text` is no range.
struct NumberRange {
  double low = -HUGE_VAL, high = HUGE_VAL;
};
std::optional<NumberRange> parse_range(const std::string& text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos || text.size() == 2) return std::nullopt;
  NumberRange range;
  const auto read = [](const std::string& number, double& value) {
    const std::optional<double> parsed = parse_finite(number);
    if (parsed) value = *parsed;
    return number.empty() || parsed;
  };
  if (!read(text.substr(0, dots), range.low) || !read(text.substr(dots + 2), range.high)) return std::nullopt;
  return range;
}

bool satisfies(const std::string& condition, const std::string& cell) {
  if (const std::optional<NumberRange> range = parse_range(condition)) {
    const std::optional<double> number = parse_finite(cell);
    return number && *number >= range->low && *number <= range->high;
  }
  return matches(condition, cell);
}

/// One condition on one column of an index, checked: a text without wildcards must occur.
struct Condition {
  std::size_t column;
  std::vector<RawNode> any_of;
  bool holds(const CsvRow& row) const {
    return std::any_of(any_of.begin(), any_of.end(),
                       [&](const RawNode& raw) { return satisfies(raw.node.text, row.cells[column]); });
  }
};

std::vector<Condition> read_conditions(const RawNode& where, const CsvTable& index) {
  std::vector<Condition> conditions;
  if (!where.given) return conditions;
  where.place().require(Kind::map, "conditions by column");
  const std::vector<std::string_view> known(index.header.begin(), index.header.end());
  for (const ConfigNode& child : where.node.children) {
    const RawNode raw{child, where.path + "." + child.key, true};
    const auto column = std::find(index.header.begin(), index.header.end(), child.key);
    if (column == index.header.end()) raw.place().fail(unknown_word("column of " + index.name, child.key, known));
    Condition condition{static_cast<std::size_t>(column - index.header.begin()),
                        one_or_more(raw, "a text or a range such as 1e6..2e7")};
    for (const RawNode& value : condition.any_of) {
      if (has_wildcard(value.node.text) || parse_range(value.node.text)) continue;
      std::vector<std::string_view> cells;
      for (const CsvRow& row : index.rows) cells.push_back(row.cells[condition.column]);
      if (std::find(cells.begin(), cells.end(), value.node.text) != cells.end()) continue;
      const std::string meant = nearest(value.node.text, cells);
      value.place().fail("no row of " + index.name + " has " + quote(value.node.text, 200) + " in this column" +
                         (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"));
    }
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

class Expansion {
 public:
  explicit Expansion(const std::string& folder) : folder_(folder) {}

  void add(const RawNode& entry) {
    MatrixSetKeys set;
    ConfigReader reader(entry.node, entry.path);
    describe(reader, set);
    reader.finish();
    if (int{set.files.given} + int{set.index.given} + int{set.generate.given} != 1)
      entry.place().fail("expected one of files, index and generate");
    if (set.where.given && !set.index.given) set.where.place().fail("goes with index only");
    const MatrixSource with_b = read_b(set.b);
    const std::size_t before = list_.sources.size();
    if (set.files.given) add_files(set, with_b);
    if (set.index.given) add_index(set, with_b);
    if (set.generate.given) add_generated(set.generate, with_b);
    if (set.reorder.given) add_orders(set, before);
    if (set.swap.given) add_swaps(set.swap, before);
  }

  MatrixList take() {
    name_apart();
    return std::move(list_);
  }

 private:
  MatrixSource read_b(const RawNode& b) const {
    MatrixSource source;
    if (!b.given) return source;
    b.place().require(Kind::scalar, "auto, same, transposed or a file");
    const std::string& text = b.node.text;
    if (text == "auto") return source;
    if (text == "same" || text == "transposed") {
      source.b = text == "same" ? Operand::same : Operand::transposed;
      return source;
    }
    const std::optional<std::string> path = resolve_path(b.place(), folder_);
    if (!path || files_of(*path).empty()) {
      constexpr std::string_view kWords[] = {"auto", "same", "transposed"};
      if (!nearest(text, kWords).empty())
        b.place().fail_expected("auto, same, transposed (did you mean \"" + nearest(text, kWords) + "\"?) or a file");
      fail_no_file(b.place(), path.value_or(text));
    }
    source.b = Operand::file;
    source.b_path = *path;
    return source;
  }

  /// The path, or none with a note when the set is optional.
  std::optional<std::string> path_of(const RawNode& raw, bool optional) {
    const std::optional<std::string> path = resolve_path(raw.place(), folder_);
    if (path && !files_of(*path).empty()) return path;
    if (optional) {
      list_.notes.push_back(raw.node.where() + ": left out, not there: " + raw.node.text);
      return std::nullopt;
    }
    if (!path) raw.place().fail("the environment variable of " + quote(raw.node.text) + " is not set");
    fail_no_file(raw.place(), *path);
  }

  void add_files(const MatrixSetKeys& set, const MatrixSource& with_b) {
    for (const RawNode& raw : one_or_more(set.files, "a file or a pattern"))
      if (const std::optional<std::string> pattern = path_of(raw, set.optional))
        for (const std::string& path : files_of(*pattern)) {
          MatrixSource source = with_b;
          source.name = matrix_stem(path);
          source.path = path;
          push(std::move(source), raw.node);
        }
  }

  void add_index(const MatrixSetKeys& set, const MatrixSource& with_b) {
    set.index.place().require(Kind::scalar, "the path of a CSV table");
    const std::optional<std::string> path = path_of(set.index, set.optional);
    if (!path) return;
    const CsvTable index = parse_csv(read_text_file(*path), *path);
    const std::size_t name = index.column("name"), file = index.column("file");
    const std::vector<Condition> conditions = read_conditions(set.where, index);
    bool any = false;
    for (const CsvRow& row : index.rows) {
      if (!std::all_of(conditions.begin(), conditions.end(), [&](const Condition& c) { return c.holds(row); }))
        continue;
      MatrixSource source = with_b;
      source.name = row.cells[name];
      source.path = (fs::path(*path).parent_path() / row.cells[file]).string();
      if (files_of(source.path).empty())
        throw InputError(*path + ":" + std::to_string(row.line) + ": there is no file " + quote(source.path, 300));
      push(std::move(source), set.index.node);
      any = true;
    }
    if (!any) set.index.place().fail("no row of " + *path + " meets the conditions of where");
  }

  void add_generated(const RawNode& generate, const MatrixSource& with_b) {
    generate.place().require(Kind::map, "keys of heddle matrix generate");
    const std::vector<Axis> axes = find_axes(generate.node, [](const std::string&) { return false; });
    std::vector<std::size_t> sizes;
    for (const Axis& axis : axes) sizes.push_back(axis.values.size());
    for_each_choice(sizes, [&](std::span<const std::size_t> choice) {
      const ConfigNode node = with_choice(generate.node, axes, choice);
      MatrixSource source = with_b;
      source.generator.emplace();
      ConfigReader reader(node, generate.path);
      describe(reader, *source.generator);
      reader.finish();
      try {
        check(*source.generator);
      } catch (const InputError& error) {
        generate.place().fail(error.what());
      }
      source.name = std::string(enum_name(source.generator->family));
      for (const ConfigNode& child : node.children)
        if (child.key != "family") source.name += "_" + child.key + child.text;
      push(std::move(source), generate.node);
    });
  }

  /// Takes the sources from number `first` on out of the list.
  std::vector<MatrixSource> take_from(std::size_t first) {
    const auto begin = list_.sources.begin() + static_cast<std::ptrdiff_t>(first);
    std::vector<MatrixSource> taken(std::make_move_iterator(begin), std::make_move_iterator(list_.sources.end()));
    list_.sources.resize(first);
    return taken;
  }

  /// The sources from number `first` on, in each of the orders.
  void add_orders(const MatrixSetKeys& set, std::size_t first) {
    const std::vector<MatrixSource> given = take_from(first);
    for (const RawNode& order : one_or_more(set.reorder, "given, affinity, rcm or degree"))
      for (MatrixSource source : given) {
        source.order = read_order(order);
        source.order_cache = set.reorder_cache.count;
        if (source.order == ReorderMethod::rcm && source.b == Operand::file)
          order.place().fail("rcm orders B as well; expected b: same, transposed or auto");
        if (source.order != ReorderMethod::given) source.name += "_" + std::string(enum_name(source.order));
        list_.sources.push_back(std::move(source));
      }
  }

  /// The same as they are, swapped, or both.
  void add_swaps(const RawNode& swap, std::size_t first) {
    const std::vector<MatrixSource> given = take_from(first);
    for (const RawNode& choice : one_or_more(swap, "true or false")) {
      bool swapped = false;
      read_value(choice.place(), swapped);
      for (MatrixSource source : given) {
        source.swap = swapped;
        if (swapped) source.name += "_swapped";
        list_.sources.push_back(std::move(source));
      }
    }
  }

  static ReorderMethod read_order(const RawNode& order) {
    try {
      return parse_enum<ReorderMethod>("order", order.node.text);
    } catch (const InputError& error) {
      order.place().fail(error.what());
    }
  }

  void push(MatrixSource source, const ConfigNode& node) {
    source.where = node.where();
    list_.sources.push_back(std::move(source));
  }

  /// Sources of the same name get their folder in front, and a number where that is not enough.
  void name_apart() {
    std::map<std::string, std::vector<MatrixSource*>> by_name;
    for (MatrixSource& source : list_.sources) by_name[source.name].push_back(&source);
    for (auto& [name, sources] : by_name) {
      if (sources.size() == 1) continue;
      std::map<std::string, int> labels;
      for (MatrixSource* const source : sources) {
        const fs::path folder = fs::path(source->path).parent_path();
        if (!source->path.empty()) source->name = folder.filename().string() + "/" + name;
        if (const int before = labels[source->name]++; before > 0) source->name += "#" + std::to_string(before + 1);
      }
    }
  }

  std::string folder_;
  MatrixList list_;
};

}  // namespace

MatrixList expand_matrices(const RawNode& matrices, const std::string& folder) {
  if (matrices.node.kind != Kind::list || matrices.node.children.empty())
    matrices.place().fail_expected("a list of sets of matrices (- files: ...)");
  Expansion expansion(folder);
  std::size_t index = 0;
  for (const ConfigNode& child : matrices.node.children)
    expansion.add({child, matrices.path + "[" + std::to_string(index++) + "]", true});
  return expansion.take();
}

bool matches(const std::string& pattern, const std::string& text) {
  std::size_t p = 0, t = 0, star = std::string::npos, restart = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      restart = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string::npos) {
      p = star + 1;
      t = ++restart;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string::npos;
}

}  // namespace heddle
