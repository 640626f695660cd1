// Errors, sorted by whose fault they are. Libraries throw them; only tools/ turns them into messages and exit codes.
#pragma once

#include <stdexcept>
#include <string>

namespace heddle {

/// The user's input is wrong: a matrix, a config, an option. Exit code 2. The message says where (file:line, key path)
/// and what was expected.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Our own fault: an invariant, a law or a deadlock. Exit code 3. The message carries the state.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// No agent can make progress; the message lists every agent and what it waits for.
class Deadlock : public InternalError {
 public:
  using InternalError::InternalError;
};

/// A conservation law of the report does not hold; the message names the law and both sides.
class LawViolation : public InternalError {
 public:
  using InternalError::InternalError;
};

[[noreturn]] inline void check_failed(const char* file, int line, const char* condition) {
  throw InternalError(std::string(file) + ":" + std::to_string(line) + ": invariant broken: " + condition);
}

}  // namespace heddle

/// A cheap invariant, always on.
#define HEDDLE_CHECK(condition)                               \
  do {                                                        \
    if (!(condition)) [[unlikely]]                            \
      ::heddle::check_failed(__FILE__, __LINE__, #condition); \
  } while (false)

/// An invariant on a hot path, on in debug and sanitizer builds.
#ifdef NDEBUG
#define HEDDLE_DCHECK(condition) static_cast<void>(0)
#else
#define HEDDLE_DCHECK(condition) HEDDLE_CHECK(condition)
#endif
