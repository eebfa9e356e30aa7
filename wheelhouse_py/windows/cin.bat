@echo off
rem The command cin, without installation and without administrator rights.
rem Programs and children's rows go below %LOCALAPPDATA%, which OneDrive does not copy, and whose
rem path is short. CIN_HOME, CIN_DATA_DIR and CIN_BUILD_DIR put them elsewhere.
setlocal EnableExtensions DisableDelayedExpansion
set "HERE=%~dp0"
if not defined CIN_HOME set "CIN_HOME=%LOCALAPPDATA%\ChildrenInNeed"
if not defined CIN_BUILD_DIR set "CIN_BUILD_DIR=%CIN_HOME%\build"
if not defined CIN_DATA_DIR set "CIN_DATA_DIR=%HERE%data"
if not defined CIN_PROJECT_DIR set "CIN_PROJECT_DIR=%HERE%project"
set "ROOM=%CIN_HOME%\python-@VERSION@"
set "PYTHONUTF8=1"
set "PYTHONPATH=%CIN_PROJECT_DIR%"
set "DBT_SEND_ANONYMOUS_USAGE_STATS=false"
if exist "%ROOM%\ready" goto run

echo The first run sets up a Python of its own in "%ROOM%": a few minutes, once.
set "FOUND="
for %%V in (@PYTHONS@) do if not defined FOUND py -%%V -c "pass" >nul 2>nul && set "FOUND=py -%%V"
if not defined FOUND python -c "import sys; sys.exit('%%d.%%d' %% sys.version_info[:2] not in '@PYTHONS@'.split())" >nul 2>nul && set "FOUND=python"
if not defined FOUND (
  echo error: there is no Python @PYTHONS@ here.
  echo   remedy: install one for yourself from python.org ^("Install for me only" needs no
  echo   administrator^), or ask for it in the software centre, and run this again.
  exit /b 1
)
%FOUND% -m venv "%ROOM%" || goto broken
"%ROOM%\Scripts\python.exe" -m pip install --quiet --disable-pip-version-check --no-index --find-links "%HERE%wheelhouse" --require-hashes -r "%CIN_PROJECT_DIR%\requirements.lock" || goto broken
echo ready> "%ROOM%\ready"

:run
"%ROOM%\Scripts\python.exe" -m pipeline_py %*
exit /b %ERRORLEVEL%

:broken
echo error: the Python in "%ROOM%" could not be set up; nothing else was changed.
echo   remedy: read the lines above, delete that folder, and run this again.
exit /b 1
