// Where the ends of rows of C that share a 64 B line meet before the line goes to the DRAM. Rules 15 and 16 of
// sim/SEMANTICS.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/kernel/kernel.h"
#include "sim/memory/memory.h"

namespace heddle {

class CombiningBuffer final : public Agent, public ReplySink {
 public:
  /// C lies in bytes [c_first, c_last), c_first at a line boundary. `shared_bytes` of it lie in lines with bytes of
  /// more than one row; when all of them have come, what is still open is written.
  CombiningBuffer(std::uint32_t entries, std::uint64_t c_first, std::uint64_t c_last, std::uint64_t shared_bytes,
                  Memory& dram, Kernel& kernel);

  /// `bytes` of `line` are there. reply.at: as rule 15 says.
  void add(LineAddr line, std::uint32_t bytes, Cycle now, Reply& reply);

  Cycle step(Cycle now) override;
  bool done() const override { return shared_bytes_ == 0 && used_ == 0; }
  std::string waiting_for() const override;
  void on_reply(Reply&) override {}  // nobody waits for the final writes

  /// Lines written before all their bytes had come.
  std::uint64_t evictions() const { return evictions_; }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  struct Entry {
    LineAddr line = 0;
    std::uint32_t bytes = 0;
    std::uint32_t older = kNone, newer = kNone;  // in order of age; `newer` also links free entries
    std::uint32_t next = kNone;                  // in the hash chain
  };

  std::uint32_t& chain(LineAddr line) { return chains_[line % chains_.size()]; }
  std::uint32_t find(LineAddr line);
  std::uint32_t open(LineAddr line);
  void close(std::uint32_t index);
  std::uint32_t bytes_of_c(LineAddr line) const;

  Memory& dram_;
  Kernel& kernel_;
  AgentId id_;
  std::uint64_t c_first_, c_last_;
  std::uint64_t shared_bytes_;  // still to come
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> chains_;
  std::vector<Reply> final_writes_;
  std::uint32_t free_ = kNone, oldest_ = kNone, newest_ = kNone;
  std::uint32_t used_ = 0;
  std::uint64_t evictions_ = 0;
};

}  // namespace heddle
