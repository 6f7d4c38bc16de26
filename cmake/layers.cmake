# dkimspec_layer(<name> SOURCES <files> [DEPENDS <targets>])
#   One static library per folder, usable as dkimspec::<name>.
function(dkimspec_layer name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(dkimspec_${name} STATIC ${arg_SOURCES})
  add_library(dkimspec::${name} ALIAS dkimspec_${name})
  target_link_libraries(dkimspec_${name} PUBLIC dkimspec_settings
    tl::expected fmt::fmt ${arg_DEPENDS})
endfunction()

# dkimspec_test(<name> SOURCES <files> [DEPENDS <targets>] [LABELS <labels>])
#   A GoogleTest program whose tests CTest lists one by one.
function(dkimspec_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_compile_definitions(${name} PRIVATE
    DKIMSPEC_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE dkimspec_settings ${arg_DEPENDS}
    GTest::gmock_main)
  set(properties TIMEOUT 300)
  if(arg_LABELS)  # An empty one would make "TIMEOUT" the label.
    list(APPEND properties LABELS "${arg_LABELS}")
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
    PROPERTIES ${properties})
  if("threads" IN_LIST arg_LABELS)
    add_dependencies(threads_tests ${name})
  endif()
endfunction()

# What ThreadSanitizer looks at: the tests labelled "threads".
add_custom_target(threads_tests)
