#include "sim/memory/stream.h"

#include <bit>

#include "sim/base/errors.h"

namespace heddle {

Stream::Stream(Memory& dram, LineSequence& lines, Tensor tensor, std::uint32_t capacity, ReplySink& owner,
               std::uint32_t tag)
    : dram_(dram),
      lines_(lines),
      tensor_(tensor),
      capacity_(capacity),
      slots_(std::bit_ceil(capacity)),
      mask_(slots_.size() - 1) {
  for (Reply& reply : slots_) reply.sink = &owner, reply.tag = tag;
  more_ = lines_.next(next_);
}

void Stream::request_next(Cycle now) {
  Reply& reply = slots_[requested_ & mask_];
  reply.at = kNever;
  ++requested_;
  const LineAddr line = next_;
  more_ = lines_.next(next_);
  dram_.read(line, tensor_, now, reply);
}

void Stream::release(std::uint64_t end) {
  HEDDLE_DCHECK(end <= requested_);
  if (end > released_) released_ = end;
}

}  // namespace heddle
