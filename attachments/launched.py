"""What runs, or has something run, when somebody opens it: told by its name.

The list is of systems that people have, and of what mail programs withhold for the
same reason: programs, scripts, installers, shortcuts and what leads to another
machine, images that are mounted by opening them, databases with code, web pages.
"""

_LAUNCHED = """
exe com scr pif cpl msi msp mst msu bat cmd ps1 psm1 psc1 psd1 ps1xml vb vbs vbe js
jse ws wsf wsh wsc sct hta lnk url reg inf scf jar jnlp apk dll sys drv ocx sh desktop
command app workflow docm dotm xlsm xltm xlam xlsb xll iqy slk pptm potm ppam ppsm
html htm xhtml shtml mht mhtml svg xsl xslt chm hlp msc application appref-ms
settingcontent-ms library-ms search-ms searchconnector-ms website webloc rdp xbap
gadget theme themepack diagcab appx appxbundle msix msixbundle appinstaller shb shs
iso img vhd vhdx dmg pkg mpkg deb rpm run one onepkg ade adp accde mde py pyw pyz
"""
LAUNCHED = frozenset(_LAUNCHED.split())
#: Of these, what a programme may take.
WITH_MACROS = frozenset({"docm", "xlsm", "pptm"})


def is_launched(path: str, *, macros: bool = False) -> bool:
    """Whether a file of this name runs; ``macros`` lets office files with them be."""
    harmful = LAUNCHED - WITH_MACROS if macros else LAUNCHED
    return not harmful.isdisjoint(endings(path))


def endings(path: str) -> set[str]:
    """The extensions by which a system may take the last part of a path.

    Windows takes dots and blanks from its end, and leads a name with a colon to the
    file before the colon.
    """
    last = path.replace("\\", "/").rstrip("/").rpartition("/")[2]
    pieces = (piece.rstrip(". ").lower() for piece in last.split(":"))
    return {piece.rpartition(".")[2] for piece in pieces if "." in piece}


def as_unpacked(path: str) -> str:
    """A path as Windows unpacks it: without dots and blanks at the end of a part."""
    parts = path.replace("\\", "/").split("/")
    return "/".join(part.rstrip(". ") for part in parts)
