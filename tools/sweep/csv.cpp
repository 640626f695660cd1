#include "tools/sweep/csv.h"

#include <algorithm>
#include <utility>

#include "sim/base/errors.h"
#include "sim/base/spelling.h"

namespace heddle {
namespace {

class CsvScanner {
 public:
  CsvScanner(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {}

  /// False at the end of the text.
  bool next(CsvRow& row) {
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) skip();
    if (at_ >= text_.size()) return false;
    row = {{}, line_};
    while (true) {
      row.cells.push_back(cell());
      if (at_ >= text_.size() || text_[at_] != ',') return true;
      skip();
    }
  }

 private:
  void skip() {
    if (text_[at_] == '\n') ++line_;
    ++at_;
  }
  std::string cell() {
    std::string value;
    if (at_ < text_.size() && text_[at_] == '"') return quoted();
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') value += text_[at_++];
    return value;
  }
  std::string quoted() {
    const std::uint64_t opened = line_;
    std::string value;
    for (skip(); at_ < text_.size(); skip()) {
      if (text_[at_] != '"') {
        value += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        value += '"';
        skip();
      } else {
        skip();
        return value;
      }
    }
    throw InputError(name_ + ":" + std::to_string(opened) + ": a quote is opened here and never closed");
  }

  std::string_view text_;
  std::string name_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 1;
};

}  // namespace

std::size_t CsvTable::column(const std::string& wanted) const {
  const auto found = std::find(header.begin(), header.end(), wanted);
  if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  const std::vector<std::string_view> known(header.begin(), header.end());
  throw InputError(name + ":1: " + unknown_word("column", wanted, known));
}

CsvTable parse_csv(std::string_view text, const std::string& name) {
  CsvTable table;
  table.name = name;
  CsvScanner scanner(text, name);
  CsvRow row;
  if (!scanner.next(row)) throw InputError(name + ": expected a table with a header line, the file is empty");
  table.header = row.cells;
  while (scanner.next(row)) {
    if (row.cells.size() != table.header.size())
      throw InputError(name + ":" + std::to_string(row.line) + ": expected " + std::to_string(table.header.size()) +
                       " cells as in the header, got " + std::to_string(row.cells.size()));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace heddle
