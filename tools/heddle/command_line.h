#pragma once

namespace heddle {

/// The whole program. Exit codes: 0 success, 1 a comparison failed, 2 the user's input, 3 a fault of ours.
int run_command_line(int argc, char** argv);

}  // namespace heddle
