// Decoder of operands that lie in DRAM as tiles of 64 elements: a bitmap word, an offset and packed values per tile.
// It stands between DRAM and whoever reads operand lines: they ask for lines of the uncompressed operand, it fetches
// what encodes them and decodes. Everything that is no such line passes through.
//
//   read of an operand line in cycle t: takes one of `fifo_lines` places, or waits for one in order of arrival
//   with a place, in that cycle: encoded lines that are not among the last `line_buffers` fetched are read from DRAM
//   when the last of them is in: decoding takes ceil(bits / bits_per_cycle) cycles, one line after another, in the
//   order in which the last lines were decided; the line is delivered, and its place free, at the end
//
// What DRAM moves for it is counted under the operand's tensor, by DRAM as always. Waiting for the decoder itself shows
// as cache_latency (after dram_done), waiting for a place as port (before granted).
#pragma once

#include <cstdint>
#include <deque>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/kernel/kernel.h"
#include "sim/memory/decoder_config.h"
#include "sim/memory/memory.h"

namespace heddle {

/// What encodes one line of an operand.
struct EncodedPieces {
  std::vector<LineAddr> lines;
  std::uint64_t bits = 0;  ///< of bitmaps to scan
};

/// Which lines are operands, and where their codes lie.
class EncodedOperands {
 public:
  virtual ~EncodedOperands() = default;
  /// False when `line` is no line of an encoded operand. `pieces` is empty before.
  virtual bool pieces_of(LineAddr line, EncodedPieces& pieces) const = 0;
};

class TileDecoder final : public Agent, public Memory, public ReplySink {
 public:
  TileDecoder(const DecoderConfig& config, const EncodedOperands& operands, Memory& dram, Kernel& kernel);

  void read(LineAddr line, Tensor tensor, Cycle now, Reply& reply) override;
  void write(LineAddr line, Tensor tensor, Cycle now, Reply& reply) override { dram_.write(line, tensor, now, reply); }
  /// Of lines that are no operand's.
  void read_block(LineAddr first, std::uint64_t count, Tensor tensor, Cycle now, Reply& reply) override;
  void write_block(LineAddr first, std::uint64_t count, Tensor tensor, Cycle now, Reply& reply) override {
    dram_.write_block(first, count, tensor, now, reply);
  }

  Cycle step(Cycle now) override;
  bool done() const override { return waiting_.empty() && active_ == 0; }
  std::string waiting_for() const override;
  void on_reply(Reply& reply) override;

  const DecoderCounts& counts() const { return counts_; }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  /// An encoded line: on its way, or here from reply.at on.
  struct Buffer {
    LineAddr line = 0;
    Reply reply;
    std::vector<std::uint32_t> requests;  // that wait for it to be decided
  };
  struct Request {
    Reply* reply = nullptr;
    Tensor tensor = Tensor::a;
    EncodedPieces pieces;
    Cycle asked = 0, granted = 0;
    Cycle ready = 0;  // all decided lines are in
    Cycle dram_start = 0;
    Cause queue_cause = Cause::dram_queue;
    std::uint32_t undecided = 0;
    std::uint32_t next_free = kNone;
  };

  std::uint32_t make_request();
  /// Fetch what is missing; true when everything is decided already.
  void begin(std::uint32_t request, Cycle now);
  std::uint32_t buffer_of(LineAddr line, Tensor tensor, Cycle now);
  void note(Request& request, const Reply& encoded) const;
  /// All lines decided: the request's end is known.
  void deliver(std::uint32_t request, Cycle now, bool in_call);

  DecoderConfig config_;
  const EncodedOperands& operands_;
  Memory& dram_;
  Kernel& kernel_;
  AgentId id_;
  std::deque<Request> requests_;
  std::uint32_t free_request_ = kNone;
  std::deque<std::uint32_t> waiting_;  // for a place
  std::uint32_t active_ = 0;
  std::uint32_t calling_ = kNone;  // the request of the call in progress: its reply is not announced
  std::priority_queue<Cycle, std::vector<Cycle>, std::greater<>> ends_;  // of active requests whose end is known
  std::deque<Buffer> buffers_;  // stable addresses; at most line_buffers idle ones are kept
  std::vector<std::uint32_t> free_buffers_;
  std::deque<std::uint32_t> kept_;  // buffers in order of fetching
  std::unordered_map<LineAddr, std::uint32_t> by_line_;
  Cycle free_at_ = 0;  // of the decoder
  DecoderCounts counts_;
};

}  // namespace heddle
