"""A program that a `with` statement starts and ends; what `close` leaves behind is nothing, started or not."""


class Lifetime:
    """For classes with `start`, which returns self, and `close`."""

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()
