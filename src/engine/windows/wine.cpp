#include "engine/windows/wine.hpp"

#include "engine/windows/windows_headers.hpp"

namespace naru::engine {

bool is_wine() noexcept {
  static const bool answer = [] {
    const HMODULE library = ::GetModuleHandleW(L"ntdll.dll");
    return library != nullptr && ::GetProcAddress(library, "wine_get_version") != nullptr;
  }();
  return answer;
}

}  // namespace naru::engine
