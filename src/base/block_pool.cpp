#include "base/block_pool.hpp"

#include <cstdlib>
#include <new>

namespace naru::base {

block_pool::~block_pool() {
  for (size_class& of_size : classes_) {
    while (of_size.first != nullptr) {
      free_block* const first = of_size.first;
      of_size.first = first->next;
      std::free(first);
    }
  }
}

block_pool::block block_pool::take(std::size_t bytes_min) noexcept {
  for (std::size_t i = 0; i < class_bytes.size(); ++i) {
    if (bytes_min > class_bytes[i]) continue;
    size_class& of_size = classes_[i];
    if (of_size.first != nullptr) {
      free_block* const first = of_size.first;
      of_size.first = first->next;
      --of_size.kept;
      return {first, class_bytes[i]};
    }
    return {std::malloc(class_bytes[i]), class_bytes[i]};
  }
  return {std::malloc(bytes_min), bytes_min};
}

void block_pool::give_back(block used) noexcept {
  for (std::size_t i = 0; i < class_bytes.size(); ++i) {
    if (used.bytes != class_bytes[i]) continue;
    size_class& of_size = classes_[i];
    if ((of_size.kept + 1) * class_bytes[i] > kept_bytes_max) break;
    of_size.first = ::new (used.data) free_block{of_size.first};
    ++of_size.kept;
    return;
  }
  std::free(used.data);
}

}  // namespace naru::base
