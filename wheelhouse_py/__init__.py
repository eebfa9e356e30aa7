"""What a room without a registry needs: the locked packages as wheels, and a proof that none lacks.

`lock` reads a lock file and says what a machine needs of it, `house` fetches that into a folder
and checks it, `bundle` makes one zip of it, the project and `cin.bat` for Windows. How to carry it
is in `docs/secure_room.md`.
"""
