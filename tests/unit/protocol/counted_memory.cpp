#include "counted_memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace naru::protocol::test {

namespace {

// Plain numbers: these tests have one thread.
std::size_t granted_requests = counted_memory::never;
std::size_t request_count = 0;
std::size_t largest_bytes = 0;

void* ask(std::size_t bytes) noexcept {
  if (request_count >= granted_requests) return nullptr;
  ++request_count;
  largest_bytes = std::max(largest_bytes, bytes);
  return std::malloc(bytes);
}

}  // namespace

counted_memory::counted_memory(std::size_t granted) noexcept {
  granted_requests = granted;
  request_count = 0;
  largest_bytes = 0;
}

counted_memory::~counted_memory() {
  granted_requests = never;
}

std::size_t counted_memory::requests() const noexcept {
  return request_count;
}
std::size_t counted_memory::largest_request_bytes() const noexcept {
  return largest_bytes;
}

}  // namespace naru::protocol::test

// The whole family is replaced, so that what one of them gave another may take back.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return naru::protocol::test::ask(bytes);
}
// An array's would ask the one that throws.
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return naru::protocol::test::ask(bytes);
}
void* operator new(std::size_t bytes) {
  if (void* const memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc{};
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
