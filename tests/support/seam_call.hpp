#pragma once

namespace naru::test {

/// A call to an engine is under way on this thread, inside which no event may come. [any]
class seam_call {
 public:
  seam_call() { ++under_way_; }
  ~seam_call() { --under_way_; }
  seam_call(const seam_call&) = delete;
  seam_call& operator=(const seam_call&) = delete;

  [[nodiscard]] static bool under_way() { return under_way_ > 0; }

 private:
  inline static thread_local int under_way_ = 0;
};

}  // namespace naru::test
