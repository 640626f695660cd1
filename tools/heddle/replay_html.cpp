#include "tools/heddle/replay_html.h"

#include "heddle_version.h"
#include "tools/heddle/figure.h"
#include "tools/heddle/table.h"

namespace heddle {
namespace {

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 1rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; } h3 { font-size: 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.85rem; }
th, td { padding: 0.2rem 0.6rem; text-align: right; border-bottom: 1px solid #8884; white-space: nowrap; }
th:first-child, td:first-child, td.text { text-align: left; }
tr.beyond td { color: #c0392b; font-weight: 600; }
figure { margin: 1rem 0; } svg { max-width: 100%; height: auto; border-radius: 6px; }
.note { color: #888; }
)";

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string cell(const std::string& text, bool is_text) {
  return (is_text ? "<td class=\"text\">" : "<td>") + escaped(text) + "</td>";
}

std::string head(const std::vector<std::string>& headers) {
  std::string html = "<div class=\"scroll\"><table><thead><tr>";
  for (const std::string& header : headers) html += "<th>" + escaped(header) + "</th>";
  return html + "</tr></thead><tbody>\n";
}

std::string table_html(const ReplayTable& table) {
  std::string html = "<h3>" + escaped(table.title) + "</h3>\n" + head(table.headers);
  for (const auto& row : table.rows) {
    html += "<tr>";
    for (const ReplayTable::Cell& value : row) {
      const std::string* const text = std::get_if<std::string>(&value);
      html += text != nullptr ? cell(*text, true) : cell(replay_number(std::get<double>(value)), false);
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string rows_html(const std::vector<ReplayRow>& rows) {
  std::string html = "<h3>published against ours</h3>\n" +
                     head({"figure", "published", "ours", "unit", "error %", "tolerance %", "verdict", "basis"});
  for (const ReplayRow& row : rows) {
    html += row.holds() ? "<tr>" : "<tr class=\"beyond\">";
    html += cell(row.what, true) + cell(row.published ? readable(*row.published) : "-", false) +
            cell(readable(row.ours), false) + cell(row.unit, true) +
            cell(row.published ? fixed(100 * row.error(), 1) : "", false) +
            cell(row.judged() ? fixed(100 * *row.tolerance, 1) : "", false) +
            cell(!row.judged() ? ""
                 : row.holds() ? "within"
                               : "beyond",
                 true) +
            cell(row.basis, true) + "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string page_html(const ReplayPage& page) {
  const ReplayResult& result = page.run.result;
  std::string html = "<h2>" + escaped(result.title) + "</h2>\n<p class=\"note\">" + escaped(page.file) + ", kind " +
                     std::string(page.kind->name) + ", config " + page.run.config_hash + "</p>\n<ul>\n";
  for (const std::string& note : result.notes) html += "<li>" + escaped(note) + "</li>\n";
  html += "</ul>\n";
  for (const ReplayFigure& figure : result.figures) html += "<figure>" + figure_svg(figure) + "</figure>\n";
  for (const ReplayTable& table : result.tables) html += table_html(table);
  return result.rows.empty() ? html : html + rows_html(result.rows);
}

}  // namespace

std::string replay_html(const std::vector<ReplayPage>& pages) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>heddle replay</title>\n<style>" +
      std::string(kStyle) + "</style></head>\n<body>\n<h1>heddle " + std::string(kVersion) + " replay</h1>\n";
  for (const ReplayPage& page : pages) html += page_html(page);
  return html + "</body></html>\n";
}

}  // namespace heddle
