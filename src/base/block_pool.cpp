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

block_pool::block block_pool::allocate(std::size_t bytes) noexcept {
  void* const memory = std::malloc(bytes);
  if (memory == nullptr) budget_.give_back(bytes);
  return {memory, bytes};
}

block_pool::block block_pool::take(std::size_t bytes_min) noexcept {
  for (std::size_t i = 0; i < class_bytes.size(); ++i) {
    if (bytes_min > class_bytes[i]) continue;
    if (!budget_.try_take(class_bytes[i])) return {};
    size_class& of_size = classes_[i];
    if (of_size.first == nullptr) return allocate(class_bytes[i]);
    free_block* const first = of_size.first;
    of_size.first = first->next;
    --of_size.kept;
    return {first, class_bytes[i]};
  }
  return budget_.try_take(bytes_min) ? allocate(bytes_min) : block{};
}

void block_pool::give_back(block used) noexcept {
  budget_.give_back(used.bytes);
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
