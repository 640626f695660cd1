// Many short queues of values in one pool of nodes, so that queueing allocates nothing once the pool has grown.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace heddle {

template <class T>
class ListPool {
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

 public:
  /// One queue, first in, first out; its nodes are in the pool it is given to.
  class List {
   public:
    bool empty() const { return head_ == kNone; }

   private:
    friend ListPool;
    std::uint32_t head_ = kNone, tail_ = kNone;
  };

  void push(List& list, const T& value) {
    std::uint32_t index = free_;
    if (index == kNone) {
      index = static_cast<std::uint32_t>(nodes_.size());
      nodes_.emplace_back();
    } else {
      free_ = nodes_[index].next;
    }
    nodes_[index].value = value;
    nodes_[index].next = kNone;
    (list.empty() ? list.head_ : nodes_[list.tail_].next) = index;
    list.tail_ = index;
  }
  /// Of a list that is not empty. Valid until the next push.
  const T& front(const List& list) const { return nodes_[list.head_].value; }
  void pop(List& list) {
    const std::uint32_t index = std::exchange(list.head_, nodes_[list.head_].next);
    nodes_[index].next = std::exchange(free_, index);
  }

 private:
  struct Node {
    T value{};
    std::uint32_t next = kNone;
  };
  std::vector<Node> nodes_;
  std::uint32_t free_ = kNone;
};

}  // namespace heddle
