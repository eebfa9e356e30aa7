"""What a room without a registry needs: the locked packages as wheels, and a proof that none lacks.

`lock` reads a lock file and says what a machine needs of it, `house` fetches that into a folder
and checks it. How to carry it is in `docs/secure_room.md`.
"""
