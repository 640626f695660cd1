// A and B and the facts about C = A*B that do not depend on the hardware; computed once, shared read-only by all runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "matrices/csr.h"

namespace heddle {

struct Workload {
  std::string a_name;
  std::string b_name;
  std::shared_ptr<const Csr> a;
  std::shared_ptr<const Csr> b;  ///< may be the same object as a; bytes of A and B are counted separately all the same

  std::uint64_t products = 0;             ///< sum over k of nnz(A(:,k)) nnz(B(k,:))
  std::vector<std::uint64_t> c_pointers;  ///< rows(A) + 1 offsets: the structural pattern of C, row by row
  std::uint64_t touched_b_nnz = 0;        ///< nonzeros in rows of B that some nonzero of A names

  std::uint64_t nnz_c() const { return c_pointers.back(); }
  double compression_factor() const { return nnz_c() == 0 ? 0.0 : double(products) / double(nnz_c()); }
};

/// Count products and the structural pattern of C (Gustavson, symbolic). Throws InputError when the inner dimensions
/// differ; the message names both shapes. O(products) time, O(cols(B)) scratch.
Workload make_workload(std::shared_ptr<const Csr> a, std::shared_ptr<const Csr> b, std::string a_name,
                       std::string b_name);

/// C with its rows laid out, coordinates and values still 0.
Csr unfilled_product(const Workload& workload);

/// The reference product, row-wise with a dense accumulator, and per element sum |a b| (the scale of rounding errors).
struct ReferenceProduct {
  Csr c;                          ///< structural zeros kept
  std::vector<double> magnitude;  ///< sum of |a(i,k) b(k,j)|, element by element of c
};
ReferenceProduct reference_product(const Workload& workload);

}  // namespace heddle
