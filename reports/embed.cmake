# Writes OUT, a C file with the bytes of every FILES entry; run as cmake -DOUT=... -DFILES="a;b" -P embed.cmake
set(entries "")
set(arrays "")
set(index 0)
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
  string(APPEND arrays "static const unsigned char file_${index}[] = {\n${hex}0};\n")
  string(APPEND entries
    "    {\"${name}\", {(const char *)file_${index}, (ptrdiff_t)sizeof file_${index} - 1}},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${OUT} "/* Made by reports/embed.cmake: do not edit. */
#include \"reports/schemas.h\"

${arrays}
const struct embedded embedded_schemas[] = {
${entries}};
const size_t embedded_schemas_count = ${index};

struct str embedded_schema(struct str name)
{
    for (size_t i = 0; i < embedded_schemas_count; i++)
        if (str_eq(str_of(embedded_schemas[i].name), name))
            return embedded_schemas[i].bytes;
    return STR_NONE;
}
")
