// The rows of `heddle reproduce` as one page without references to anything outside of it.
#include <string>
#include <vector>

#include "heddle_version.h"
#include "tools/heddle/reproduce.h"
#include "tools/heddle/table.h"

namespace heddle {
namespace {

constexpr const char* kHead =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Published figures</title><style>"
    "body{font:14px sans-serif;margin:2em}table{border-collapse:collapse;margin:1em 0}"
    "td,th{padding:.2em .6em;border-bottom:1px solid #ddd;text-align:right;white-space:nowrap}"
    "td:first-child,th:first-child,td:last-child,th:last-child{text-align:left}"
    "td:last-child{white-space:normal;min-width:16em}"
    ".pass{background:#e3f4e3}.miss{background:#fbe3e0}.partial,.fitted{background:#fdf6dc}.not_run{color:#777}"
    "</style>";

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else if (c == '&')
      safe += "&amp;";
    else
      safe += c;
  }
  return safe;
}

std::string cells(const std::vector<std::string>& texts, const char* tag, std::string_view kind) {
  std::string row = "<tr class=\"" + std::string(kind) + "\">";
  for (const std::string& text : texts) row += "<" + std::string(tag) + ">" + escaped(text) + "</" + tag + ">";
  return row + "</tr>\n";
}

std::string row_html(const ReproducedRow& row) {
  const bool run = row.verdict != Verdict::not_run;
  const std::string error = row.absolute ? fixed(row.error, 3) : fixed(100 * row.error, 1) + " %";
  const std::string limit = row.absolute ? fixed(row.tolerance, 3) : fixed(100 * row.tolerance, 0) + " %";
  const std::string_view verdict = enum_name(row.verdict);
  return cells({row.id, readable(row.published), run ? readable(row.ours) : "-", row.unit, run ? error : "-", limit,
                std::string(verdict), row.reason.empty() ? row.figure : row.figure + "; " + row.reason},
               "td", verdict);
}

}  // namespace

std::string reproduction_html(const std::vector<ReproducedRow>& rows) {
  std::string page =
      std::string(kHead) + "<h1>Published figures, run by heddle " + kVersion + "</h1>\n<table>" +
      cells({"accelerator", "pass", "miss", "partial", "fitted", "not run", "geomean ours / published"}, "th", "");
  for (const ReproducedSummary& s : summarise(rows))
    page += cells({s.accelerator, grouped(s.pass), grouped(s.miss), grouped(s.partial), grouped(s.fitted),
                   grouped(s.not_run), s.geomean == 0 ? "-" : fixed(s.geomean, 3)},
                  "td", "");
  page += "</table>\n<table>" +
          cells({"row", "published", "ours", "unit", "error", "allowed", "verdict", "figure"}, "th", "");
  for (const ReproducedRow& row : rows) page += row_html(row);
  return page + "</table></html>\n";
}

}  // namespace heddle
