#include "tools/report/page_tables.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/store/value.h"
#include "tools/heddle/table.h"

namespace heddle {
namespace {

constexpr std::size_t kMostFailed = 100;

std::string head(const std::string& name, const std::string& unit, bool is_text) {
  return std::string("<th") + (is_text ? " class=\"t\"" : "") + "><button>" + html_text(name) + "</button>" +
         (unit.empty() ? "" : "<small>" + html_text(unit) + "</small>") + "</th>";
}

std::string text_cell(const std::string& text) {
  return "<td class=\"t\">" + html_text(text) + "</td>";
}

/// Shown as people read it, sorted as it is.
std::string number_cell(double number, const std::string& shown) {
  if (!std::isfinite(number)) return "<td data-v=\"NaN\"></td>";
  return "<td data-v=\"" + value_text(number) + "\">" + html_text(shown) + "</td>";
}

std::string search_box(const std::string& table, const std::string& hint) {
  return "<input type=\"search\" data-for=\"" + table + "\" placeholder=\"" + html_text(hint) +
         "\" aria-label=\"filter rows\"> <small id=\"" + table + "-count\"></small>\n";
}

std::string run_row(const ReportData& data, const ResultRow& row, bool best) {
  const ReportVariant& variant = data.variants[row.variant];
  std::string text = std::string("<tr") + (best ? " class=\"best\"" : "") + ">" + text_cell(data.matrices[row.matrix]) +
                     text_cell(variant.machine);
  for (const auto& [axis, unit] : data.axis_units) {
    const auto value = variant.axes.find(axis);
    const auto number = variant.numbers.find(axis);
    const std::string shown = value == variant.axes.end() ? "" : value->second;
    text += number == variant.numbers.end() ? text_cell(shown) : number_cell(number->second, shown);
  }
  const auto cell = [](double number) { return number_cell(number, readable(number)); };
  const auto ratio = [](double x, double y) { return y == 0 ? NAN : x / y; };
  text += text_cell(data.dataflows[row.dataflow]) +
          number_cell(row.cycles, grouped(static_cast<std::uint64_t>(row.cycles))) + cell(row.seconds * 1e6) +
          cell(row.gflops) + cell(ratio(row.cycles, row.bound_cycles)) + cell(100 * row.mac_utilisation) +
          cell(100 * row.bandwidth_utilisation) + cell(row.traffic() / 1e6) +
          cell(ratio(row.traffic(), row.compulsory_bytes)) + cell(row.energy() * 1e6) +
          number_cell(row.products, grouped(static_cast<std::uint64_t>(row.products))) +
          text_cell(row.sampled   ? "sampled"
                    : row.checked ? "checked"
                                  : "exact, unchecked") +
          "<td class=\"t keys\">" + html_text(row.key.substr(0, 8)) + "</td>";
  return text + "</tr>\n";
}

/// Index of the fastest row among those of one matrix and variant; rows are sorted by those.
std::vector<bool> fastest_rows(const ReportData& data) {
  std::vector<bool> best(data.rows.size(), false);
  for (std::size_t begin = 0, end = 0; begin < data.rows.size(); begin = end) {
    std::size_t fastest = begin;
    const auto same = [&](const ResultRow& row) {
      return row.matrix == data.rows[begin].matrix && row.variant == data.rows[begin].variant;
    };
    for (end = begin; end < data.rows.size() && same(data.rows[end]); ++end)
      if (data.rows[end].cycles < data.rows[fastest].cycles) fastest = end;
    best[fastest] = end - begin > 1;
  }
  return best;
}

std::string replay_table(const Json& table) {
  std::string text = "<h3>" + html_text(table.value("title", "")) + "</h3><div class=\"scroll\"><table><thead><tr>";
  for (const Json& header : table["headers"]) text += "<th>" + html_text(header.get<std::string>()) + "</th>";
  text += "</tr></thead><tbody>\n";
  for (const Json& row : table["rows"]) {
    text += "<tr>";
    for (const Json& cell : row)
      text += cell.is_number() ? number_cell(cell.get<double>(), readable(cell.get<double>()))
                               : text_cell(cell.is_string() ? cell.get<std::string>() : cell.dump());
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

}  // namespace

std::string failed_section(const ReportData& data) {
  if (data.failed.empty()) return "";
  std::string text = "<section class=\"failed\" id=\"failed\"><h2>" + grouped(data.failed.size()) +
                     " points failed and are in no figure</h2><ul>\n";
  for (std::size_t i = 0; i < std::min(kMostFailed, data.failed.size()); ++i)
    text += "<li><b>" + html_text(data.failed[i].label) + "</b>: " + html_text(data.failed[i].error) + "</li>\n";
  return text + "</ul></section>\n";
}

std::string published_section(const PublishedTable& table, std::size_t index) {
  const std::string id = "published-" + std::to_string(index);
  std::string text = "<section id=\"" + id + "\"><h2>" + html_text(table.title) + "</h2>\n<p class=\"soft\">" +
                     html_text(table.source) + "</p>\n";
  for (const std::string& note : table.notes) text += "<p>" + html_text(note) + "</p>\n";
  text += search_box(id + "-table", "filter: words that must occur") +
          "<div class=\"tall\"><table class=\"sortable\" id=\"" + id + "-table\"><thead><tr>" +
          head("figure", "", true) + head("unit", "", true) + head("published", "", false) + head("ours", "", false) +
          head("error", "%", false) + head("verdict", "", true) + head("note", "", true) + "</tr></thead><tbody>\n";
  for (const PublishedRow& row : table.rows) {
    const double published = row.has_published ? row.published : NAN, ours = row.has_ours ? row.ours : NAN;
    const double error = published == 0 ? NAN : 100 * (ours / published - 1);
    text += "<tr>" + text_cell(row.what) + text_cell(row.unit) + number_cell(published, readable(published)) +
            number_cell(ours, readable(ours)) + number_cell(error, fixed(error, 1)) + text_cell(row.verdict) +
            "<td class=\"w\">" + html_text(row.note) + "</td></tr>\n";
  }
  text += "</tbody></table></div>\n";
  for (const Json& replay : table.tables)
    if (replay.is_object() && replay.contains("headers") && replay.contains("rows")) text += replay_table(replay);
  return text + "</section>\n";
}

std::string runs_section(const ReportData& data) {
  if (data.rows.empty()) return "";
  std::string text = "<section id=\"all\"><h2>All runs</h2>\n";
  if (data.rows.size() > kMostTableRows)
    text += "<p>The first " + grouped(kMostTableRows) + " of " + grouped(data.rows.size()) +
            " rows; <code>heddle sweep export</code> gives all of them.</p>\n";
  text +=
      "<p class=\"soft\">The fastest dataflow of each matrix and machine is marked. Click a heading to sort.</p>\n" +
      search_box("runs", "filter: words that must occur") +
      "<div class=\"tall\"><table class=\"sortable\" id=\"runs\"><thead><tr>" + head("matrix", "", true) +
      head("machine", "", true);
  for (const auto& [axis, unit] : data.axis_units) text += head(axis, unit, false);
  text += head("dataflow", "", true) + head("cycles", "", false) + head("time", "us", false) +
          head("speed", "GFLOP/s", false) + head("cycles", "x least possible", false) + head("MACs busy", "%", false) +
          head("bandwidth", "%", false) + head("DRAM", "MB", false) + head("traffic", "x compulsory", false) +
          head("energy", "uJ", false) + head("products", "", false) + head("result", "", true) + head("row", "", true) +
          "</tr></thead><tbody>\n";
  const std::vector<bool> best = fastest_rows(data);
  for (std::size_t i = 0; i < std::min(kMostTableRows, data.rows.size()); ++i)
    text += run_row(data, data.rows[i], best[i]);
  return text + "</tbody></table></div></section>\n";
}

std::string keys_section(const ReportData& data) {
  if (data.keys.empty()) return "";
  std::string text =
      "<section id=\"keys\"><h2>What the columns of a store mean</h2><details><summary>" + grouped(data.keys.size()) +
      " columns with unit</summary><div class=\"scroll\"><table><thead><tr><th class=\"t\">column</th><th "
      "class=\"t\">unit</th><th class=\"t\">meaning</th></tr></thead><tbody>\n";
  for (const auto& [name, unit, sentence] : data.keys)
    text += "<tr>" + text_cell(name) + text_cell(unit) + "<td class=\"w\">" + html_text(sentence) + "</td></tr>\n";
  return text + "</tbody></table></div></details></section>\n";
}

}  // namespace heddle
