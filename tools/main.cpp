#include "tools/heddle/command_line.h"

int main(int argc, char** argv) {
  return heddle::run_command_line(argc, argv);
}
