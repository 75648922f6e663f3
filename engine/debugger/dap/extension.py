"""The extension for VS Code, as the file that it installs: a zip with two manifests.

The format: https://github.com/microsoft/vscode-vsce; the manifest is that of the Open Packaging Conventions.
"""

import json
from html import escape
from importlib.resources import files
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ... import __version__

FILES = ("package.json", "extension.js", "README.md")
TYPES = {"json": "application/json", "js": "application/javascript", "md": "text/markdown", "vsixmanifest": "text/xml"}
DATE = 1980, 1, 1, 0, 0, 0  # so that the same version is the same file
MANIFEST = """\
<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="{name}" Version="{version}" Publisher="{publisher}"/>
    <DisplayName>{displayName}</DisplayName>
    <Description xml:space="preserve">{description}</Description>
    <Tags>{tags}</Tags>
    <Categories>{groups}</Categories>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="{engine}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="workspace"/>
    </Properties>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
  </Assets>
</PackageManifest>
"""


def pack_extension() -> bytes:
    """Return the content of ``stepgrad.vsix``."""
    folder = files(__package__).joinpath("vscode")
    content = {name: folder.joinpath(name).read_text(encoding="utf-8") for name in FILES}
    package = json.loads(content["package.json"])
    package["version"] = __version__
    content["package.json"] = json.dumps(package, indent=2)
    filled = {key: escape(value) for key, value in package.items() if isinstance(value, str)}
    manifest = MANIFEST.format(
        **filled, tags=",".join(package["keywords"]), groups=",".join(package["categories"]),
        engine=escape(package["engines"]["vscode"]),
    )  # fmt: skip
    kinds = "".join(f'<Default Extension=".{end}" ContentType="{kind}"/>' for end, kind in TYPES.items())
    types = f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{kinds}</Types>'
    parts = {"extension.vsixmanifest": manifest, "[Content_Types].xml": f'<?xml version="1.0"?>\n{types}\n'}
    parts |= {f"extension/{name}": text for name, text in content.items()}
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            entry = ZipInfo(name, DATE)
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, text)
    return packed.getvalue()
