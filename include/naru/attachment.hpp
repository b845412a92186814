#pragma once

#include <memory>
#include <typeinfo>
#include <utility>

namespace naru {

/// A user's own object, carried by a connection: the session of the layer above. Made from any `shared_ptr`;
/// it remembers the type it was made with, and gives the object back only as that type.
class attachment {
 public:
  attachment() noexcept = default;
  template <typename T>
  attachment(std::shared_ptr<T> object) noexcept  // NOLINT(google-explicit-constructor): a shared_ptr is one
      : object_{std::move(object)}, type_{&typeid(T)} {}

  /// The object, or null when there is none or it was attached as another type.
  template <typename T>
  [[nodiscard]] std::shared_ptr<T> get() const noexcept {
    if (object_ == nullptr || *type_ != typeid(T)) return nullptr;
    return std::static_pointer_cast<T>(object_);
  }

 private:
  std::shared_ptr<void> object_ = nullptr;
  const std::type_info* type_ = &typeid(void);
};

}  // namespace naru
