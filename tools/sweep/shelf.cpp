#include "tools/sweep/shelf.h"

#include <unistd.h>

#include <utility>

#include "dataflows/layout.h"
#include "matrices/load_matrix.h"
#include "matrices/summary.h"
#include "sim/base/errors.h"

namespace heddle {
namespace {

std::uint64_t csr_bytes(const Csr& matrix) {
  return matrix.pointers.size() * sizeof(std::uint64_t) + matrix.nnz() * (sizeof(Coordinate) + sizeof(double));
}

std::shared_ptr<const Csr> in_order(const std::shared_ptr<const Csr>& matrix, const MatrixSource& source) {
  return reordered(matrix, source.order, source.order_cache, LayoutConfig{}.element_bytes());
}

}  // namespace

LoadedMatrices::LoadedMatrices(const MatrixSource& source) : name_(source.name), b_name_(source.name) {
  auto& [a, b] = operands_;
  a = std::make_shared<const Csr>(source.generator ? generate(*source.generator) : load_matrix(source.path).matrix);
  const bool square = a->rows == a->cols;
  const bool columns_too = source.order == ReorderMethod::rcm;
  if (columns_too && !square)
    throw InputError(source.where + ": " + source.name + " is not square; expected another order than rcm");
  if (columns_too) a = in_order(a, source);
  b = a;
  if (source.b == Operand::file) {
    b = std::make_shared<const Csr>(load_matrix(source.b_path).matrix);
    b_name_ = source.b_path.substr(source.b_path.rfind('/') + 1);
  } else if (source.b == Operand::transposed || (source.b == Operand::automatic && !square)) {
    b = std::make_shared<const Csr>(transpose(*a));
    b_name_ = "transpose of " + name_;
  }
  if (a->cols != b->rows)
    throw InputError(source.where + ": " + name_ + " has " + std::to_string(a->cols) + " columns, B (" + b_name_ +
                     ") has " + std::to_string(b->rows) +
                     " rows; expected b: transposed, or another B with as many rows as A has columns");
  if (!columns_too) a = in_order(a, source);
  if (source.swap) {
    operands_ = swapped(operands_);
    b_name_ = "other operand of " + name_;
  }
  a_hash_ = matrix_hash(*a);
  b_hash_ = b == a ? a_hash_ : matrix_hash(*b);
}

const Workload& LoadedMatrices::workload() {
  std::call_once(has_workload_, [this] { workload_ = make_workload(operands_.a, operands_.b, name_, b_name_); });
  return workload_;
}

const MatrixProfile& LoadedMatrices::profile() {
  std::call_once(has_profile_, [this] { profile_ = heddle::profile(a()); });
  return profile_;
}

std::shared_ptr<const ReferenceProduct> LoadedMatrices::reference(CheckMode mode) {
  if (mode == CheckMode::off) return nullptr;
  if (mode == CheckMode::automatic && workload().products > kAutomaticCheckProducts) return nullptr;
  std::call_once(has_reference_,
                 [this] { reference_ = std::make_shared<const ReferenceProduct>(reference_product(workload())); });
  return reference_;
}

std::uint64_t LoadedMatrices::bytes() const {
  return csr_bytes(a()) + (operands_.b == operands_.a ? 0 : csr_bytes(*operands_.b));
}

Shelf::Shelf(const std::vector<MatrixSource>& sources, std::uint64_t budget) : sources_(sources), budget_(budget) {
  for (std::size_t i = 0; i < sources.size(); ++i) places_.push_back(std::make_unique<Place>());
}

std::uint64_t Shelf::default_budget() {
  const long pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGE_SIZE);
  return pages > 0 && page > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page) / 2 : 0;
}

std::shared_ptr<LoadedMatrices> Shelf::get(std::size_t matrix) {
  Place& place = *places_[matrix];
  const std::lock_guard lock(place.loading);
  if (place.matrices) return place.matrices;
  auto loaded = std::make_shared<LoadedMatrices>(sources_[matrix]);
  const std::lock_guard counting(mutex_);
  kept_bytes_ += loaded->bytes();
  return place.matrices = std::move(loaded);
}

void Shelf::drop(std::size_t matrix) {
  Place& place = *places_[matrix];
  const std::lock_guard lock(place.loading);
  if (!place.matrices) return;
  const std::lock_guard counting(mutex_);
  kept_bytes_ -= place.matrices->bytes();
  place.matrices.reset();
}

void Shelf::put_back(std::size_t matrix) {
  {
    const std::lock_guard counting(mutex_);
    if (kept_bytes_ <= budget_) return;
  }
  drop(matrix);
}

}  // namespace heddle
