#include "sim/memory/combining_buffer.h"

#include <algorithm>
#include <bit>

#include "sim/base/errors.h"

namespace heddle {

CombiningBuffer::CombiningBuffer(std::uint32_t entries, std::uint64_t c_first, std::uint64_t c_last,
                                 std::uint64_t shared_bytes, Memory& dram, Kernel& kernel)
    : dram_(dram),
      kernel_(kernel),
      id_(kernel.add(*this, true)),
      c_first_(c_first),
      c_last_(c_last),
      shared_bytes_(shared_bytes),
      entries_(entries),
      chains_(std::bit_ceil(std::size_t{entries} * 2), kNone) {
  for (std::uint32_t i = entries; i-- > 0;) entries_[i].newer = free_, free_ = i;
}

std::uint32_t CombiningBuffer::bytes_of_c(LineAddr line) const {
  const std::uint64_t first = std::max(line * kLineBytes, c_first_);
  const std::uint64_t last = std::min((line + 1) * kLineBytes, c_last_);
  return static_cast<std::uint32_t>(last - first);
}

std::uint32_t CombiningBuffer::find(LineAddr line) {
  std::uint32_t index = chain(line);
  while (index != kNone && entries_[index].line != line) index = entries_[index].next;
  return index;
}

std::uint32_t CombiningBuffer::open(LineAddr line) {
  const std::uint32_t index = free_;
  Entry& entry = entries_[index];
  free_ = entry.newer;
  entry = {line, 0, newest_, kNone, chain(line)};
  chain(line) = index;
  (newest_ == kNone ? oldest_ : entries_[newest_].newer) = index;
  newest_ = index;
  ++used_;
  return index;
}

void CombiningBuffer::close(std::uint32_t index) {
  Entry& entry = entries_[index];
  std::uint32_t* link = &chain(entry.line);
  while (*link != index) link = &entries_[*link].next;
  *link = entry.next;
  (entry.older == kNone ? oldest_ : entries_[entry.older].newer) = entry.newer;
  (entry.newer == kNone ? newest_ : entries_[entry.newer].older) = entry.older;
  entry.newer = free_;
  free_ = index;
  --used_;
}

void CombiningBuffer::add(LineAddr line, std::uint32_t bytes, Cycle now, Reply& reply) {
  HEDDLE_CHECK(bytes <= shared_bytes_);
  shared_bytes_ -= bytes;
  reply.at = reply.granted = reply.dram_start = reply.dram_done = now + 1;
  std::uint32_t index = find(line);
  if (index == kNone) {
    if (used_ == entries_.size()) {
      const LineAddr evicted = entries_[oldest_].line;
      close(oldest_);
      ++evictions_;
      reply.at = kNever;
      dram_.write(evicted, Tensor::c, now, reply);
    }
    index = open(line);
  }
  entries_[index].bytes += bytes;
  if (entries_[index].bytes == bytes_of_c(line)) {
    close(index);
    reply.at = kNever;
    dram_.write(line, Tensor::c, now, reply);
  }
  if (shared_bytes_ == 0 && used_ != 0) {
    final_writes_.resize(used_);
    for (Reply& write : final_writes_) write.sink = this;
    kernel_.wake(id_, now + 1);
  }
}

Cycle CombiningBuffer::step(Cycle now) {
  if (oldest_ == kNone) return kNever;
  const LineAddr line = entries_[oldest_].line;
  close(oldest_);
  dram_.write(line, Tensor::c, now, final_writes_[used_]);
  return used_ == 0 ? kNever : now + 1;
}

std::string CombiningBuffer::waiting_for() const {
  return std::to_string(shared_bytes_) + " bytes of C in shared lines, " + std::to_string(used_) + " lines open";
}

}  // namespace heddle
