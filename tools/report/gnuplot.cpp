#include "tools/report/gnuplot.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "sim/base/errors.h"
#include "sim/base/file_io.h"

extern char** environ;

namespace heddle {
namespace {

namespace fs = std::filesystem;

/// Removed on the way out.
class WorkFolder {
 public:
  WorkFolder() {
    std::string name = (fs::temp_directory_path() / "heddle-report-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw InputError(name + ": cannot be made: " + std::strerror(errno));
    path_ = name;
  }
  ~WorkFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::string terminal(const Figure& figure, PlotFormat format) {
  if (format == PlotFormat::svg)
    return "set terminal svg size " + std::to_string(figure.width) + "," + std::to_string(figure.height) +
           " dynamic noenhanced font 'sans-serif,12'\n";
  constexpr double kUnitsPerInch = 110;  // a figure of 900 units is two columns of a paper wide
  return "set terminal pdfcairo size " + std::to_string(figure.width / kUnitsPerInch) + "in," +
         std::to_string(figure.height / kUnitsPerInch) + "in noenhanced font 'sans-serif,9'\n";
}

/// Runs gnuplot on the script; its messages go to the file `log`.
void run_gnuplot(const std::string& script, const std::string& log) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  std::string program = "gnuplot", argument = script;
  char* const words[] = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, "gnuplot", &actions, nullptr, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    throw InputError(std::string("gnuplot, which draws the figures, cannot be started: ") + std::strerror(error) +
                     "; expected the Debian package gnuplot-nox");
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw InputError("gnuplot failed: " + read_text_file(log).substr(0, 2000));
}

}  // namespace

std::vector<std::string> draw(std::span<const Figure> figures, PlotFormat format) {
  const WorkFolder folder;
  std::string script;
  const std::string extension = format == PlotFormat::svg ? ".svg" : ".pdf";
  for (std::size_t i = 0; i < figures.size(); ++i)
    script += "reset\n" + terminal(figures[i], format) + "set output '" + folder.file(std::to_string(i) + extension) +
              "'\n" + figures[i].script + "\nunset output\n";
  write_file_atomically(folder.file("figures.gp"), script);
  write_file_atomically(folder.file("log"), "");
  if (!figures.empty()) run_gnuplot(folder.file("figures.gp"), folder.file("log"));
  std::vector<std::string> drawn;
  for (std::size_t i = 0; i < figures.size(); ++i)
    drawn.push_back(read_text_file(folder.file(std::to_string(i) + extension)));
  return drawn;
}

}  // namespace heddle
