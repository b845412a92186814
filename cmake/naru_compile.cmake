# How every target of this project is compiled.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
if(NOT WIN32)
  set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)  # there nothing is visible that does not say so
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(MSVC)
  add_compile_options(/utf-8)  # which all others take sources for anyway
endif()
# What stands in the names of files that are for one system alone.
if(WIN32)
  set(NARU_SYSTEM windows)
else()
  set(NARU_SYSTEM linux)
endif()

if(NARU_SANITIZE)
  # Not vptr: it probes memory through a pipe, and with a full descriptor table, which tests make, takes every object
  # for a wrong one.
  add_compile_options(-fsanitize=${NARU_SANITIZE} -fno-sanitize=vptr -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${NARU_SANITIZE})
endif()

# Warnings are errors where this project is what is being built; a user's newer compiler must not break theirs.
function(naru_warnings target)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 /permissive-)
  else()
    target_compile_options(${target} PRIVATE -Wall -Wextra -pedantic-errors -Wconversion -Wshadow)
    if(PROJECT_IS_TOP_LEVEL)
      target_compile_options(${target} PRIVATE -Werror)
    endif()
  endif()
endfunction()
