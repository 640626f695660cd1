#include "dataflows/outer_product/append_buffer.h"

#include <algorithm>

#include "dataflows/layout.h"
#include "sim/base/errors.h"

namespace heddle::outer_product {

AppendBuffer::AppendBuffer(std::uint64_t begin, std::uint64_t end, std::uint32_t lines, std::uint32_t banks,
                           Cache& cache, Kernel& kernel, CompleteRows* rows)
    : begin_(begin),
      size_(end - begin),
      capacity_(lines * kLineBytes),
      banks_(banks),
      cache_(cache),
      kernel_(kernel),
      rows_(rows),
      slots_(lines),
      free_slots_(lines) {
  HEDDLE_CHECK(begin % kLineBytes == 0);
  for (std::uint32_t i = 0; i < lines; ++i) {
    slots_[i].reply.sink = this;
    slots_[i].reply.tag = i;
    free_slots_[i] = i;
  }
}

/// Line number `line` of the log, with `bytes`, is accepted in `at`.
void AppendBuffer::accept(std::uint64_t line, Cycle at, std::uint32_t bytes) {
  if (rows_ != nullptr) rows_->accept(line, at);
  last_accepted_ = std::max(last_accepted_, at);
  if (at - settled_ < kWheel) {
    near_[at % kWheel] += bytes;
  } else {
    late_.emplace(at, bytes);
  }
}

void AppendBuffer::settle(Cycle now) {
  const Cycle last = std::min(now, settled_ + kWheel - 1);
  for (Cycle cycle = settled_ + 1; cycle <= last; ++cycle) {
    accepted_ += near_[cycle % kWheel];
    near_[cycle % kWheel] = 0;
  }
  settled_ = now;
  for (; !late_.empty() && late_.top().first <= now; late_.pop()) accepted_ += late_.top().second;
}

void AppendBuffer::put_line(Cycle now) {
  const auto bytes = static_cast<std::uint32_t>(std::min(kLineBytes, size_ - put_lines_ * kLineBytes));
  auto& [reply, line] = slots_[free_slots_.back()];
  line = put_lines_;
  const std::uint64_t first = begin_ + put_lines_ * kLineBytes;
  cache_.put(first, first + bytes, now, reply);
  ++put_lines_;
  if (reply.known()) {
    accept(line, reply.at, bytes);
  } else {
    free_slots_.pop_back();
    ++unknown_;
  }
}

void AppendBuffer::step(Cycle now) {
  settle(now);
  for (std::uint64_t n = std::min<std::uint64_t>(banks_, lines_to_put() - put_lines_); n != 0; --n) put_line(now);
}

void AppendBuffer::on_reply(Reply& reply) {
  --unknown_;
  free_slots_.push_back(reply.tag);
  accept(slots_[reply.tag].line, reply.at, kLineBytes);  // of a last line too: nothing needs room after it
  kernel_.wake(owner_, reply.at);
}

Cycle AppendBuffer::next_acceptance(Cycle now) const {
  for (Cycle cycle = now + 1; cycle < settled_ + kWheel; ++cycle)
    if (near_[cycle % kWheel] != 0) return cycle;
  return late_.empty() ? kNever : late_.top().first;
}

}  // namespace heddle::outer_product
