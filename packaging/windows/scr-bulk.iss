; The Windows installer, for Inno Setup 6. Filled in and compiled by packaging/dev.py build; see dev_windows.py.
; For one person, without an administrator's rights. The practice's data is in that person's own folder
; (%LOCALAPPDATA%\scr-bulk) and is neither made nor removed from here.

[Setup]
AppId={{7C0E6B6E-4D0B-4A63-9E0B-3F6A5C1D8B42}
AppName=GP Summary Bulk Transmission
AppVersion=@VERSION@
AppVerName=GP Summary Bulk Transmission @VERSION@
AppPublisher=The developers of scr-bulk
VersionInfoVersion=@VERSION@.0
DefaultDirName={autopf}\GP Summary Bulk Transmission
DefaultGroupName=GP Summary Bulk Transmission
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
SourceDir=@ROOT@
OutputDir=@OUTPUT@
OutputBaseFilename=scr-bulk-@VERSION@-setup
SetupIconFile=@ICON@
UninstallDisplayIcon={app}\scr-bulk-window.exe
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
CloseApplications=yes
RestartApplications=no

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "desktopicon"; Description: "Put an icon on the desktop"; Flags: unchecked

[Files]
Source: "@FROZEN@\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion

[InstallDelete]
; What an earlier version brought must not be loaded by this one.
Type: filesandordirs; Name: "{app}\_internal"

[Icons]
Name: "{group}\GP Summary Bulk Transmission"; Filename: "{app}\scr-bulk-window.exe"
Name: "{group}\Demonstration practice"; Filename: "{app}\scr-bulk-window.exe"; Parameters: "demo"
Name: "{autodesktop}\GP Summary Bulk Transmission"; Filename: "{app}\scr-bulk-window.exe"; Tasks: desktopicon

[Run]
Filename: "{app}\scr-bulk.exe"; Parameters: "--self-check"; StatusMsg: "Trying the installation out..."; Flags: runhidden
Filename: "{app}\scr-bulk-window.exe"; Description: "Open GP Summary Bulk Transmission"; Flags: postinstall nowait skipifsilent unchecked
