#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include <naru/framing.hpp>

namespace naru::protocol::test {

/// A length of one to five bytes, seven bits each, the lowest first; every byte but the last has its top bit
/// set (as in Protocol Buffers' delimited messages). A codec with a head that announces.
class varint_codec final : public codec {
 public:
  [[nodiscard]] frame parse(bytes_view received, std::size_t seen_bytes) const noexcept override;
  [[nodiscard]] result<wrapping> wrap(std::span<const bytes_view> pieces) const noexcept override;
};

/// `5:hello,` with decimal digits. A codec with a head and a tail.
class netstring_codec final : public codec {
 public:
  [[nodiscard]] frame parse(bytes_view received, std::size_t seen_bytes) const noexcept override;
  [[nodiscard]] result<wrapping> wrap(std::span<const bytes_view> pieces) const noexcept override;
};

/// A message ends at a semicolon, which counts only when `ahead_bytes` more have come: a codec that announces
/// nothing and has to look beyond the end. It counts the bytes that it looked at.
class lookahead_codec final : public codec {
 public:
  explicit lookahead_codec(std::size_t ahead_bytes) noexcept : ahead_bytes_{ahead_bytes} {}
  [[nodiscard]] frame parse(bytes_view received, std::size_t seen_bytes) const noexcept override;
  [[nodiscard]] result<wrapping> wrap(std::span<const bytes_view> pieces) const noexcept override;
  [[nodiscard]] std::size_t looked_bytes() const noexcept { return looked_bytes_; }

 private:
  std::size_t ahead_bytes_;
  mutable std::size_t looked_bytes_ = 0;
};

/// Answers whatever a test wants to hear.
class scripted_codec final : public codec {
 public:
  using answer = std::function<frame(bytes_view received, std::size_t seen_bytes)>;
  explicit scripted_codec(answer parse, wrapping around = {}) : answer_{std::move(parse)}, around_{around} {}
  [[nodiscard]] frame parse(bytes_view received, std::size_t seen_bytes) const noexcept override {
    return answer_(received, seen_bytes);
  }
  [[nodiscard]] result<wrapping> wrap(std::span<const bytes_view>) const noexcept override { return around_; }

 private:
  answer answer_;
  wrapping around_;
};

}  // namespace naru::protocol::test
