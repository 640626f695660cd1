#include "tools/heddle/figure.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "sim/base/errors.h"
#include "sim/base/file_io.h"

namespace heddle {
namespace {

constexpr const char* kColours[] = {"#3b6fb6", "#e08e0b", "#2a9d5c", "#c0392b",
                                    "#8e6bbf", "#7f8c8d", "#17a2b8", "#d16ba5"};

/// In double quotes for gnuplot.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + "\"";
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string data_blocks(const ReplayFigure& figure) {
  std::string text;
  for (std::size_t s = 0; s < figure.series.size(); ++s) {
    text += "$s" + std::to_string(s) + " << END\n";
    const ReplayFigure::Series& series = figure.series[s];
    for (std::size_t i = 0; i < series.y.size(); ++i) {
      const bool bars = figure.kind == ReplayFigure::Kind::bars;
      const std::string y = bars && series.y[i] == 0 ? "NaN" : number(series.y[i]);
      text += (bars ? quoted(figure.categories.at(i)) : number(series.x.at(i))) + " " + y + "\n";
    }
    text += "END\n";
  }
  return text;
}

std::string plot_command(const ReplayFigure& figure) {
  std::string text = "plot ";
  for (std::size_t s = 0; s < figure.series.size(); ++s) {
    const std::string block = "$s" + std::to_string(s);
    const std::string colour = " lc rgb " + quoted(kColours[s % std::size(kColours)]);
    const std::string title = " title " + quoted(figure.series[s].name);
    if (s > 0) text += ", ";
    switch (figure.kind) {
      case ReplayFigure::Kind::bars:
        text += block + " using 2:xtic(1)";
        break;
      case ReplayFigure::Kind::lines:
        text += block + " using 1:2 with linespoints lw 2 pt 7 ps 0.4";
        break;
      case ReplayFigure::Kind::steps:
        text += block + " using 1:2 with steps lw 1.5";
        break;
    }
    text += colour + title;
  }
  return text + "\n";
}

std::string script(const ReplayFigure& figure) {
  std::string text =
      "set terminal svg noenhanced size 860,380 dynamic font 'sans,12' background rgb 'white'\nunset mouse\n";
  text += "set title " + quoted(figure.title) + "\nset xlabel " + quoted(figure.x_label) + "\nset ylabel " +
          quoted(figure.y_label) + "\n";
  text += "set key outside right top Left reverse\nset grid y\n";
  if (figure.log_y)
    text += "set logscale y\n";
  else
    text += "set yrange [0:*]\n";
  if (figure.kind == ReplayFigure::Kind::bars)
    text +=
        "set style data histogram\nset style histogram clustered gap 1\nset style fill solid 0.9 noborder\nset "
        "boxwidth 0.9\nset xtics rotate by -30\n";
  return text + data_blocks(figure) + plot_command(figure);
}

/// A name that goes away with the object.
struct TemporaryFile {
  TemporaryFile() : path((std::filesystem::temp_directory_path() / "heddle-figure-XXXXXX").string()) {
    const int file = mkstemp(path.data());
    if (file < 0) throw InputError(path + ": cannot be made");
    close(file);
  }
  ~TemporaryFile() { unlink(path.c_str()); }
  std::string path;
};

std::string output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), [](std::FILE*) { return 0; });
  if (!pipe) throw InputError("gnuplot: cannot be run");
  std::string text;
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe.get())) > 0;) text.append(buffer, n);
  const int status = pclose(pipe.get());
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
    throw InputError("figures need gnuplot, which is not installed (Debian: apt-get install gnuplot-nox)");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || text.find("<svg") == std::string::npos)
    throw InternalError("gnuplot did not draw the figure");
  return text;
}

}  // namespace

std::string figure_svg(const ReplayFigure& figure) {
  const TemporaryFile file;
  write_file_atomically(file.path, script(figure));
  std::string svg = output_of("gnuplot " + file.path + " 2>/dev/null");
  return svg.substr(svg.find("<svg"));
}

}  // namespace heddle
