"""What people attach: told by its bytes, bounded before anything is decoded, and rid of what it says by itself. Pure.

No picture is decoded here, and none by the server at all: headers are walked, parts that show nothing are left out,
and browsers draw the rest in their sandbox. So there is no decoder of ours to attack: Pillow and libheif are C code
that reads hostile files, with a record of memory faults, and all that we would ask of them is width, height and to
leave out metadata. `docs/design/010-uploads.md` has the whole of it.
"""
