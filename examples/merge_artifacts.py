"""`merge_artifacts` carries past a join what the arms agree on; what they do not, the join settles first."""

from metaflow import FlowSpec, step


class MergeArtifacts(FlowSpec):
    """Two arms share a corpus, and each adds something of its own."""

    @step
    def start(self):
        self.corpus = "the quick brown fox jumps over the lazy dog"
        self.next(self.words, self.letters)

    @step
    def words(self):
        self.word_count = len(self.corpus.split())
        self.unit = "word"
        self.next(self.join)

    @step
    def letters(self):
        self.letter_count = sum(c.isalpha() for c in self.corpus)
        self.unit = "letter"
        self.next(self.join)

    @step
    def join(self, inputs):
        self.unit = " and ".join(sorted(i.unit for i in inputs))
        self.merge_artifacts(inputs)
        self.next(self.end)

    @step
    def end(self):
        print(self.corpus, self.word_count, self.letter_count, self.unit)


if __name__ == "__main__":
    MergeArtifacts()
