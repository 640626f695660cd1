// Places with stable addresses that are handed out and given back; as many are made as are out at once.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace heddle {

template <class T>
class Pool {
 public:
  std::uint32_t take() {
    if (free_.empty()) {
      if (made_ % kChunk == 0) chunks_.push_back(std::make_unique<T[]>(kChunk));
      return made_++;
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    return index;
  }
  void give_back(std::uint32_t index) { free_.push_back(index); }
  T& operator[](std::uint32_t index) { return chunks_[index / kChunk][index % kChunk]; }

 private:
  static constexpr std::uint32_t kChunk = 16;
  std::vector<std::unique_ptr<T[]>> chunks_;
  std::vector<std::uint32_t> free_;
  std::uint32_t made_ = 0;
};

}  // namespace heddle
