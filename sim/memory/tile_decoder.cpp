#include "sim/memory/tile_decoder.h"

#include <algorithm>

#include "sim/base/errors.h"

namespace heddle {

TileDecoder::TileDecoder(const DecoderConfig& config, const EncodedOperands& operands, Memory& dram, Kernel& kernel)
    : config_(config), operands_(operands), dram_(dram), kernel_(kernel), id_(kernel.add(*this, true)) {}

std::uint32_t TileDecoder::make_request() {
  if (free_request_ == kNone) {
    requests_.emplace_back();
    return static_cast<std::uint32_t>(requests_.size() - 1);
  }
  const std::uint32_t index = free_request_;
  free_request_ = requests_[index].next_free;
  requests_[index] = Request{};
  return index;
}

void TileDecoder::read(LineAddr line, Tensor tensor, Cycle now, Reply& reply) {
  EncodedPieces pieces;
  if (!operands_.pieces_of(line, pieces)) return dram_.read(line, tensor, now, reply);
  const std::uint32_t index = make_request();
  Request& request = requests_[index];
  request.reply = &reply;
  request.tensor = tensor;
  request.pieces = std::move(pieces);
  request.asked = now;
  reply.at = kNever;
  if (active_ == config_.fifo_lines || !waiting_.empty()) {
    waiting_.push_back(index);
    return;
  }
  calling_ = index;
  begin(index, now);
  calling_ = kNone;
}

void TileDecoder::read_block(LineAddr first, std::uint64_t count, Tensor tensor, Cycle now, Reply& reply) {
  EncodedPieces pieces;
  HEDDLE_CHECK(!operands_.pieces_of(first, pieces) && !operands_.pieces_of(first + count - 1, pieces));
  dram_.read_block(first, count, tensor, now, reply);
}

void TileDecoder::begin(std::uint32_t index, Cycle now) {
  ++active_;
  Request& request = requests_[index];
  request.granted = request.dram_start = request.ready = now;
  counts_.fifo_wait += now - request.asked;
  request.undecided = 1;  // until every line has been asked for
  for (const LineAddr line : request.pieces.lines) {
    Buffer& buffer = buffers_[buffer_of(line, request.tensor, now)];
    if (buffer.reply.known()) {
      note(request, buffer.reply);
    } else {
      buffer.requests.push_back(index);
      ++request.undecided;
    }
  }
  if (--request.undecided == 0) deliver(index, now, index == calling_);
}

std::uint32_t TileDecoder::buffer_of(LineAddr line, Tensor tensor, Cycle now) {
  if (const auto found = by_line_.find(line); found != by_line_.end()) return found->second;
  while (kept_.size() >= config_.line_buffers && buffers_[kept_.front()].reply.known()) {
    by_line_.erase(buffers_[kept_.front()].line);
    free_buffers_.push_back(kept_.front());
    kept_.pop_front();
  }
  if (free_buffers_.empty()) {
    buffers_.emplace_back();
    free_buffers_.push_back(static_cast<std::uint32_t>(buffers_.size() - 1));
  }
  const std::uint32_t index = free_buffers_.back();
  free_buffers_.pop_back();
  Buffer& buffer = buffers_[index];
  buffer.line = line;
  buffer.reply = Reply{};
  buffer.reply.sink = this;
  buffer.reply.tag = index;
  by_line_[line] = index;
  kept_.push_back(index);
  ++counts_.encoded_lines;
  dram_.read(line, tensor, now, buffer.reply);
  return index;
}

/// The line that comes last decides the milestones.
void TileDecoder::note(Request& request, const Reply& encoded) const {
  if (encoded.at < request.ready) return;
  request.ready = encoded.at;
  request.dram_start = std::max(request.granted, encoded.dram_start);
  request.queue_cause = encoded.queue_cause;
}

void TileDecoder::deliver(std::uint32_t index, Cycle now, bool in_call) {
  Request& request = requests_[index];
  const Cycle begin = std::max(request.ready, free_at_);
  const Cycle cycles = std::max<Cycle>(1, (request.pieces.bits + config_.bits_per_cycle - 1) / config_.bits_per_cycle);
  free_at_ = begin + cycles;
  counts_.busy_cycles += cycles;
  counts_.decode_wait += begin - request.ready;
  ++counts_.lines;
  Reply& reply = *request.reply;
  reply.granted = request.granted;
  reply.dram_start = request.dram_start;
  reply.dram_done = request.ready;
  reply.queue_cause = request.queue_cause;
  reply.at = free_at_;
  ends_.push(reply.at);
  kernel_.wake(id_, std::max(ends_.top(), now + 1));
  request.next_free = free_request_;
  free_request_ = index;
  if (!in_call) reply.sink->on_reply(reply);
}

void TileDecoder::on_reply(Reply& encoded) {
  Buffer& buffer = buffers_[encoded.tag];
  std::vector<std::uint32_t> requests;
  requests.swap(buffer.requests);
  for (const std::uint32_t index : requests) {
    note(requests_[index], encoded);
    if (--requests_[index].undecided == 0) deliver(index, kernel_.now(), index == calling_);
  }
}

Cycle TileDecoder::step(Cycle now) {
  while (!ends_.empty() && ends_.top() <= now) {
    ends_.pop();
    --active_;
  }
  while (!waiting_.empty() && active_ < config_.fifo_lines) {
    const std::uint32_t index = waiting_.front();
    waiting_.pop_front();
    begin(index, now);
  }
  return ends_.empty() ? kNever : std::max(ends_.top(), now + 1);
}

std::string TileDecoder::waiting_for() const {
  return "tile decoder: " + std::to_string(active_) + " operand lines, " + std::to_string(waiting_.size()) +
         " without a place";
}

}  // namespace heddle
