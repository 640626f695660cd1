#include "tools/report/page.h"

#include <algorithm>
#include <cmath>

#include "heddle_version.h"
#include "tools/heddle/table.h"
#include "tools/report/page_tables.h"
#include "tools/report/plot.h"

namespace heddle {
namespace {

/// The SVG element alone, its ids made this figure's own, with a title for those who cannot see it.
std::string inline_svg(const Figure& figure, const std::string& svg) {
  std::string text = svg.substr(std::min(svg.find("<svg"), svg.size()));
  const std::string prefix = figure.id + "-";
  const auto replace_all = [&](const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  };
  for (const char* const id : {"id='gp", "id=\"gnuplot", "id='textbox", "id='greybox"}) {
    std::string own = id;
    own.insert(4, prefix);
    replace_all(id, own);
  }
  replace_all("href='#gp", "href='#" + prefix + "gp");
  replace_all("url(#", "url(#" + prefix);
  const std::size_t begin = text.find("<title>"), end = text.find("</desc>");
  if (begin != std::string::npos && end != std::string::npos)
    text.replace(begin, end + 7 - begin, "<title>" + html_text(figure.title) + "</title>");
  return text;
}

std::string figure_section(const Figure& figure, const std::string& svg) {
  std::string keys;
  for (const std::string& key : figure.keys) keys += html_text(key) + " ";
  return "<section id=\"" + html_text(figure.id) + "\"><h2>" + html_text(figure.title) +
         "</h2>\n<figure><div class=\"scroll plot\">" + inline_svg(figure, svg) + "</div>\n<figcaption>" +
         html_text(figure.caption) + "</figcaption></figure>\n<details><summary>From " + html_text(figure.source) +
         "</summary><p class=\"keys\">" + keys + (figure.keys.size() == kMostKeys ? "..." : "") +
         "</p></details></section>\n";
}

std::string card(const std::string& number, const std::string& text) {
  return "<div class=\"card\"><b>" + html_text(number) + "</b><span>" + html_text(text) + "</span></div>\n";
}

/// Points, matrices and, for each dataflow, how often it is the fastest and by how much.
std::string cards(const FigureContext& context) {
  const ReportData& data = context.data;
  std::string text =
      "<div class=\"cards\">\n" + card(grouped(data.rows.size()), "runs") +
      card(grouped(data.matrices.size()), data.matrices.size() == 1 ? "matrix" : "matrices") +
      card(grouped(data.variants.size()), data.variants.size() == 1 ? "machine" : "machines and settings");
  const std::vector<FocusMatrix> matrices = focus_matrices(context);
  std::vector<std::size_t> wins(data.dataflows.size(), 0);
  std::vector<std::vector<double>> ratios(data.dataflows.size());
  for (const FocusMatrix& entry : matrices) {
    std::size_t best = data.dataflows.size();
    for (std::size_t d = 0; d < entry.by_dataflow.size(); ++d)
      if (entry.by_dataflow[d] != nullptr &&
          (best == data.dataflows.size() || entry.by_dataflow[d]->cycles < entry.by_dataflow[best]->cycles))
        best = d;
    if (best < wins.size()) ++wins[best];
    const ResultRow* const base = entry.by_dataflow[context.baseline];
    for (std::size_t d = 0; d < entry.by_dataflow.size() && base != nullptr; ++d)
      if (entry.by_dataflow[d] != nullptr && entry.by_dataflow[d]->cycles > 0)
        ratios[d].push_back(base->cycles / entry.by_dataflow[d]->cycles);
  }
  for (std::size_t d = 0; d < data.dataflows.size() && data.dataflows.size() > 1; ++d)
    text += card(
        grouped(wins[d]) + " of " + grouped(matrices.size()),
        data.dataflows[d] + " is the fastest" +
            (d == context.baseline || ratios[d].empty() ? ""
                                                        : "; " + readable(geomean(ratios[d])) + " x " +
                                                              data.dataflows[context.baseline] + " (geometric mean)"));
  if (!data.failed.empty()) text += card(grouped(data.failed.size()), "points failed");
  return text + "</div>\n";
}

std::string subtitle(const ReportData& data) {
  std::string text;
  for (const std::string& source : data.sources) text += (text.empty() ? "" : ", ") + source;
  if (!data.model_versions.empty()) text += "; model version " + data.model_versions;
  return text;
}

}  // namespace

std::string report_page(const FigureContext& context, std::span<const Figure> figures,
                        std::span<const std::string> svgs, const std::string& title) {
  const ReportData& data = context.data;
  std::string page =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'; img-src data:\">\n<meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\">\n<link rel=\"icon\" href=\"data:,\">\n"
      "<title>" +
      html_text(title) + "</title>\n<style>" + page_style() + "</style></head>\n<body>\n<header><h1>" +
      html_text(title) + "</h1>\n<p class=\"soft\">" + html_text(subtitle(data)) + "</p></header>\n<nav>";
  for (const Figure& figure : figures)
    page += "<a href=\"#" + html_text(figure.id) + "\">" + html_text(figure.title) + "</a> ";
  for (std::size_t i = 0; i < data.published.size(); ++i)
    page += "<a href=\"#published-" + std::to_string(i) + "\">" + html_text(data.published[i].title) + "</a> ";
  if (!data.rows.empty()) page += "<a href=\"#all\">All runs</a>";
  page += "</nav>\n<main>\n";
  if (!data.rows.empty()) page += cards(context);
  if (!data.rows.empty() && data.variants.size() > 1)
    page += "<p>Figures of one machine show <b>" + html_text(data.variants[context.focus].label) + "</b>.</p>\n";
  page += failed_section(data);
  for (std::size_t i = 0; i < data.published.size(); ++i) page += published_section(data.published[i], i);
  for (std::size_t i = 0; i < figures.size(); ++i) page += figure_section(figures[i], svgs[i]);
  page += runs_section(data) + keys_section(data);
  return page + "</main>\n<footer>Made by heddle " + std::string(kVersion) +
         ", a cycle-level simulator of sparse matrix-multiply accelerators. Simulations are deterministic: the same "
         "store gives the same page.</footer>\n<script>" +
         page_script() + "</script>\n</body></html>\n";
}

}  // namespace heddle
