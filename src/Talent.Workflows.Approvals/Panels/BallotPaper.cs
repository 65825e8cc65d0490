using System.Text;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>What an expert has put on the ballot.</summary>
public sealed record BallotPaper(Vote Vote, IReadOnlyList<CriterionScore> Scores, string? Comment)
{
    /// <summary>Says nothing of the vote: what is logged by accident tells nobody.</summary>
    public override string ToString() => nameof(BallotPaper);

    /// <summary>In so many bytes, the rest zeros.</summary>
    internal byte[] Write(int length)
    {
        var bytes = new byte[length];
        using var writer = new BinaryWriter(new MemoryStream(bytes), Encoding.UTF8);
        writer.Write((byte)Vote);
        writer.Write(Comment ?? "");
        writer.Write((byte)Scores.Count);
        foreach (var (criterion, score) in Scores)
        {
            writer.Write(criterion);
            writer.Write(score);
        }
        return bytes;
    }

    internal static BallotPaper Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        var vote = (Vote)reader.ReadByte();
        var comment = reader.ReadString();
        var scores = new CriterionScore[reader.ReadByte()];
        for (var i = 0; i < scores.Length; i++)
            scores[i] = new(reader.ReadString(), reader.ReadDecimal());
        return new BallotPaper(vote, scores, comment.Length == 0 ? null : comment);
    }
}

/// <summary>What an expert gives for one criterion.</summary>
public sealed record CriterionScore(string Criterion, decimal Score);

/// <summary>A ballot that the count has opened: nobody's. The id is random, and so is the order.</summary>
public sealed record OpenedVote(Guid Id, BallotPaper Paper)
{
    /// <summary>In random order, under random ids.</summary>
    public static IReadOnlyList<OpenedVote> Shuffle(IEnumerable<BallotPaper> papers) => [.. papers.Select(p => new OpenedVote(Guid.NewGuid(), p)).OrderBy(v => v.Id)];
}
