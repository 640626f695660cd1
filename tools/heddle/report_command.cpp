// heddle report: results as a page and as figures for papers.
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "sim/base/errors.h"
#include "tools/heddle/arguments.h"
#include "tools/heddle/commands.h"
#include "tools/heddle/terminal.h"
#include "tools/report/gnuplot.h"
#include "tools/report/page.h"

namespace po = boost::program_options;

namespace heddle {
namespace {

namespace fs = std::filesystem;

CommandSyntax report_syntax() {
  CommandSyntax syntax;
  syntax.name = "report";
  syntax.usage = "STORE|JSON... [-o FILE.html] [--figures FOLDER]";
  syntax.text =
      "One HTML page that needs no other file, and figures as SVG and PDF with their numbers as CSV, from stores of\n"
      "heddle sweep and JSON of heddle simulate, replay and reproduce. Needs gnuplot.";
  syntax.positional = "file";
  syntax.options.add_options()("file", po::value<std::vector<std::string>>(), "")(
      "out,o", po::value<std::string>()->value_name("FILE.html"), "the page; otherwise report.html without --figures")(
      "figures", po::value<std::string>()->value_name("FOLDER"), "each figure as NAME.svg, NAME.pdf and NAME.csv")(
      "baseline", po::value<std::string>()->value_name("NAME")->default_value(""),
      "dataflow or machine that speed-ups are over; otherwise inner_product")(
      "sweep", po::value<std::string>()->value_name("NAME")->default_value(""),
      "only points of this sweep; otherwise all of the newest model version")(
      "title", po::value<std::string>()->value_name("TEXT")->default_value("Heddle report"), "of the page")(
      "help,h", "this text");
  return syntax;
}

void write_figures(const std::string& folder, std::span<const Figure> figures, std::span<const std::string> svgs) {
  const std::vector<std::string> pdfs = draw(figures, PlotFormat::pdf);
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) throw InputError(folder + ": cannot be made: " + failed.message());
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const std::string path = (fs::path(folder) / figures[i].id).string();
    std::string csv = "# " + figures[i].title + ". From " + figures[i].source + "\n# rows:";
    for (const std::string& key : figures[i].keys) csv += " " + key;
    write_output(path + ".svg", svgs[i]);
    write_output(path + ".pdf", pdfs[i]);
    write_output(path + ".csv", csv + "\n" + figures[i].csv);
  }
}

}  // namespace

int report_command(const std::vector<std::string>& words) {
  if (asks_for_help(words)) {
    print(help_text(report_syntax()));
    return 0;
  }
  const po::variables_map values = parse_arguments(report_syntax(), words);
  if (values.count("file") == 0) throw InputError("report: expected STORE|JSON... (heddle help report)");
  std::string out = values.count("out") ? values["out"].as<std::string>() : "";
  const std::string folder = values.count("figures") ? values["figures"].as<std::string>() : "";
  if (out.empty() && folder.empty()) out = "report.html";
  require_writable(out);
  const ReportData data =
      load_report_data(values["file"].as<std::vector<std::string>>(), values["sweep"].as<std::string>());
  if (data.rows.empty() && data.published.empty())
    throw InputError("report: there is no result that ended well in these files");
  const FigureContext context = figure_context(data, values["baseline"].as<std::string>());
  const std::vector<Figure> figures = make_figures(context);
  const std::vector<std::string> svgs = draw(figures, PlotFormat::svg);
  if (!folder.empty()) write_figures(folder, figures, svgs);
  if (!out.empty()) write_output(out, report_page(context, figures, svgs, values["title"].as<std::string>()));
  return 0;
}

}  // namespace heddle
