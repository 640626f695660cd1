#include "dataflows/outer_product/merge_tree.h"

#include <algorithm>
#include <functional>
#include <map>
#include <queue>

#include "dataflows/entry.h"
#include "dataflows/layout.h"
#include "dataflows/outer_product/row_buffer.h"
#include "sim/base/errors.h"

namespace heddle::outer_product {
namespace {

using inner_product::TiledStep;

/// One row of one round.
struct RowPart {
  std::uint32_t elements_of_a = 0;
  std::uint64_t products = 0;    // of leaves
  std::uint64_t partial_in = 0;  // elements of results of earlier rounds
  std::uint64_t out = 0;
};
struct Round {
  std::vector<RowPart> parts;        // rows with inputs, ascending
  std::vector<Coordinate> accesses;  // rows of B, row by row, leaf by leaf
  std::uint32_t last_child = TiledStep::kNone;
};

/// Leaves (rule M1): which one each nonzero of A belongs to, and how many products each forms.
struct Leaves {
  std::vector<std::uint32_t> of_nonzero;
  std::vector<std::uint64_t> weights;

  Leaves(const Workload& w, OuterColumns columns) : of_nonzero(w.a->nnz()) {
    std::vector<std::uint64_t> products;
    std::vector<std::uint8_t> used;
    for (std::uint32_t row = 0; row < w.a->rows; ++row)
      for (std::uint64_t n = w.a->pointers[row]; n < w.a->pointers[row + 1]; ++n) {
        const Coordinate k = w.a->coordinates[n];
        const auto leaf = columns == OuterColumns::given ? k : static_cast<std::uint32_t>(n - w.a->pointers[row]);
        if (leaf >= products.size()) products.resize(leaf + std::size_t{1}, 0), used.resize(products.size(), 0);
        products[leaf] += w.b->row_nnz(k);
        used[leaf] = 1;
        of_nonzero[n] = leaf;
      }
    std::vector<std::uint32_t> number(products.size(), 0);  // columns without a nonzero are no leaves
    for (std::size_t leaf = 0; leaf < products.size(); ++leaf) {
      number[leaf] = static_cast<std::uint32_t>(weights.size());
      if (used[leaf] != 0) weights.push_back(products[leaf]);
    }
    for (std::uint32_t& leaf : of_nonzero) leaf = number[leaf];
  }
};

/// Row by row through all rounds: sizes of everything, and C.
class Rows {
 public:
  Rows(const Workload& w, const Leaves& leaves, const MergeTree& tree, Csr* c)
      : w_(w),
        leaves_(leaves),
        c_(c),
        parents_(leaves.weights.size() + tree.rounds.size(), 0),
        rounds(tree.rounds.size()) {
    const auto first = static_cast<std::uint32_t>(leaves.weights.size());
    for (std::uint32_t r = 0; r < tree.rounds.size(); ++r)
      for (const std::uint32_t input : tree.rounds[r]) {
        parents_[input] = r;
        if (input >= first) rounds[r].last_child = input - first;  // inputs ascend
      }
    for (std::uint32_t row = 0; row < w.a->rows; ++row) merge_row(row);
  }

 private:
  void merge_row(std::uint32_t row) {
    struct Pending {
      RowPart part;
      std::vector<Entry> entries;
    };
    std::map<std::uint32_t, Pending> pending;                       // by round
    std::vector<std::pair<std::uint32_t, std::uint64_t>> nonzeros;  // by leaf
    for (std::uint64_t n = w_.a->pointers[row]; n < w_.a->pointers[row + 1]; ++n)
      nonzeros.emplace_back(leaves_.of_nonzero[n], n);
    std::sort(nonzeros.begin(), nonzeros.end());
    for (const auto& [leaf, n] : nonzeros) {
      const std::uint32_t round = parents_[leaf];
      Pending& p = pending[round];
      const Coordinate k = w_.a->coordinates[n];
      const Fiber fiber = w_.b->row(k);
      p.part.elements_of_a += 1;
      p.part.products += fiber.coordinates.size();
      rounds[round].accesses.push_back(k);
      for (std::size_t i = 0; i < fiber.coordinates.size(); ++i)
        p.entries.push_back({fiber.coordinates[i], w_.a->values[n] * fiber.values[i]});
    }
    const auto leaf_count = static_cast<std::uint32_t>(leaves_.weights.size());
    while (!pending.empty()) {
      auto node = pending.extract(pending.begin());
      Pending& p = node.mapped();
      sum_by_column(p.entries);
      p.part.out = p.entries.size();
      rounds[node.key()].parts.push_back(p.part);
      if (node.key() + std::size_t{1} == rounds.size()) {
        if (c_ != nullptr) store(row, p.entries);
        continue;
      }
      if (p.entries.empty()) continue;
      Pending& parent = pending[parents_[leaf_count + node.key()]];
      parent.part.partial_in += p.entries.size();
      parent.entries.insert(parent.entries.end(), p.entries.begin(), p.entries.end());
    }
  }
  void store(std::uint32_t row, const std::vector<Entry>& entries) {
    std::uint64_t place = w_.c_pointers[row];
    for (const Entry& entry : entries) {
      c_->coordinates[place] = entry.column;
      c_->values[place++] = entry.value;
    }
  }

  const Workload& w_;
  const Leaves& leaves_;
  Csr* c_;
  std::vector<std::uint32_t> parents_;  // the round each input goes into

 public:
  std::vector<Round> rounds;
};

/// Steps of the rounds, in order (rules M3 to M6).
class StepMaker {
 public:
  StepMaker(const Workload& w, const Config& config, const std::vector<Round>& rounds, MergeTreePlan& plan)
      : w_(w),
        config_(config),
        rounds_(rounds),
        plan_(plan),
        buffer_(w.b->rows, config.outer_product.prefetch == RowPrefetch::next_use
                               ? config.machine.sram.capacity.count / kLineBytes
                               : 0),
        last_step_(rounds.size(), TiledStep::kNone) {
    std::vector<Coordinate> accesses;
    for (const Round& round : rounds) accesses.insert(accesses.end(), round.accesses.begin(), round.accesses.end());
    next_use_ = next_uses(accesses, w.b->rows);
  }

  void make() {
    for (std::size_t r = 0; r < rounds_.size(); ++r) {
      const Round& round = rounds_[r];
      std::size_t access = 0;
      for (std::size_t i = 0; i < round.parts.size();) {
        RowPart sum;
        const std::size_t first_access = access;
        do {
          const RowPart& part = round.parts[i++];
          sum.elements_of_a += part.elements_of_a;
          sum.products += part.products;
          sum.partial_in += part.partial_in;
          sum.out += part.out;
          access += part.elements_of_a;
        } while (i < round.parts.size() &&
                 (sum.products + sum.partial_in) * bytes() < config_.outer_product.row_buffer.count);
        add_step(r, sum, first_access, access);
      }
      last_step_[r] = plan_.steps.empty() ? TiledStep::kNone : static_cast<std::uint32_t>(plan_.steps.size() - 1);
    }
  }

 private:
  std::uint64_t bytes() const { return config_.layout.element_bytes(); }
  inner_product::LineBlock take(std::uint64_t elements) {
    const inner_product::LineBlock block{line_, packed_lines(elements * bytes())};
    line_ += block.count;
    return block;
  }

  void add_step(std::size_t r, const RowPart& sum, std::size_t first_access, std::size_t end_access) {
    const Round& round = rounds_[r];
    TiledStep step;
    step.a = take(sum.elements_of_a);
    step.b = {line_, read_rows(round, first_access, end_access)};
    line_ += step.b.count;
    step.b_tile_lines = step.b.count;
    step.partial_in = take(sum.partial_in);
    if (sum.partial_in != 0) step.waits_for = last_step_[round.last_child];
    const bool root = r + 1 == rounds_.size();
    (root ? step.result : step.partial_out) = take(sum.out);
    if (root) step.result_bytes = sum.out * bytes();
    const std::uint64_t inputs = sum.products + sum.partial_in;
    step.products = sum.products;
    const PeConfig& pe = config_.machine.pe;
    step.compute_cycles = std::max(divide_up(inputs * pe.merge_interval, std::uint64_t{pe.count} * pe.merge_width),
                                   divide_up(sum.products, pe.all_multipliers()));
    step.item_bytes = sum.products * bytes();
    plan_.merge_inputs += inputs;
    plan_.steps.push_back(step);
  }

  /// Lines of the rows of B that the buffer does not hold.
  std::uint64_t read_rows(const Round& round, std::size_t first, std::size_t end) {
    std::uint64_t lines = 0;
    for (std::size_t i = first; i < end; ++i, ++accesses_) {
      const Coordinate k = round.accesses[i];
      const std::uint64_t begin = w_.b->pointers[k] * bytes();
      const std::uint64_t row_lines = lines_spanned(begin, w_.b->pointers[k + std::size_t{1}] * bytes());
      const bool held = buffer_.access(k, row_lines, next_use_[accesses_]);
      (held ? plan_.row_hits : plan_.row_misses) += 1;
      lines += held ? 0 : row_lines;
    }
    return lines;
  }

  const Workload& w_;
  const Config& config_;
  const std::vector<Round>& rounds_;
  MergeTreePlan& plan_;
  RowBuffer buffer_;
  std::vector<std::uint64_t> next_use_;
  std::uint64_t accesses_ = 0;
  std::vector<std::uint32_t> last_step_;  // by round
  LineAddr line_ = 0;
};

}  // namespace

std::vector<std::uint64_t> next_uses(const std::vector<Coordinate>& accesses, std::uint32_t rows) {
  std::vector<std::uint64_t> next(accesses.size()), seen(rows, kNoUse);
  for (std::size_t i = accesses.size(); i-- > 0;) {
    next[i] = seen[accesses[i]];
    seen[accesses[i]] = i;
  }
  return next;
}

MergeTree make_merge_tree(const std::vector<std::uint64_t>& weights, std::uint32_t radix, MergeOrder order) {
  MergeTree tree;
  std::size_t alive = weights.size();
  if (alive == 0) return tree;
  using Input = std::pair<std::uint64_t, std::uint32_t>;  // weight (or place in the queue), number
  std::priority_queue<Input, std::vector<Input>, std::greater<>> queue;
  const bool huffman = order == MergeOrder::huffman;
  for (std::uint32_t i = 0; i < alive; ++i) queue.emplace(huffman ? weights[i] : i, i);
  std::size_t width = huffman && alive > radix ? (alive - 2) % (radix - 1) + 2 : radix;
  do {
    std::vector<std::uint32_t> inputs;
    std::uint64_t weight = 0;
    for (; !queue.empty() && inputs.size() < width; queue.pop()) {
      inputs.push_back(queue.top().second);
      weight += queue.top().first;
    }
    std::sort(inputs.begin(), inputs.end());
    alive = queue.size() + 1;
    const auto number = static_cast<std::uint32_t>(weights.size() + tree.rounds.size());
    tree.rounds.push_back(std::move(inputs));
    queue.emplace(huffman ? weight : number, number);
    width = radix;
  } while (alive > 1);
  return tree;
}

MergeTreePlan plan_merge_tree(const Workload& workload, const Config& config, Csr* c) {
  MergeTreePlan plan;
  const Leaves leaves(workload, config.outer_product.columns);
  const MergeTree tree = make_merge_tree(leaves.weights, config.machine.pe.radix, config.outer_product.merge_order);
  const Rows rows(workload, leaves, tree, c);
  plan.leaves = leaves.weights.size();
  plan.rounds = tree.rounds.size();
  StepMaker(workload, config, rows.rounds, plan).make();
  return plan;
}

}  // namespace heddle::outer_product
