#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace naru::base {

/// Memory for small objects of one size, which is used again and again, the piece used last first. [worker]
template <std::size_t PieceBytes>
class free_list {
 public:
  /// What is kept for the next user; more is given back to the system.
  static constexpr std::size_t kept_max = (std::size_t{64} << 10) / PieceBytes;

  free_list() noexcept = default;
  free_list(const free_list&) = delete;
  free_list& operator=(const free_list&) = delete;
  ~free_list() {
    while (first_ != nullptr) ::operator delete(std::exchange(first_, first_->next));
  }

  /// Null when there is no memory.
  [[nodiscard]] void* take() noexcept {
    if (first_ == nullptr) return ::operator new(PieceBytes, std::nothrow);
    --kept_;
    return std::exchange(first_, first_->next);
  }
  void give_back(void* piece) noexcept {
    if (kept_ == kept_max) {
      ::operator delete(piece);
      return;
    }
    ++kept_;
    first_ = ::new (piece) free_piece{first_};
  }

 private:
  struct free_piece {
    free_piece* next;
  };
  static_assert(PieceBytes >= sizeof(free_piece));

  free_piece* first_ = nullptr;
  std::size_t kept_ = 0;
};

}  // namespace naru::base
