namespace Talent.Workflows.Approvals.Materials.Contents;

/// <summary>Reads a content forwards in pieces, whatever its size. What isn't there any more is an <see cref="EndOfStreamException"/>.</summary>
internal sealed class ContentReader(Stream content)
{
    private readonly byte[] buffer = new byte[1 << 16];
    private int filled;
    private int next;

    /// <summary>Of the next byte.</summary>
    public long Position { get; private set; }

    /// <returns>-1 at the end.</returns>
    public int TryReadByte()
    {
        if (next == filled && !Fill())
            return -1;
        Position++;
        return buffer[next++];
    }

    /// <exception cref="EndOfStreamException"></exception>
    public byte ReadByte() => TryReadByte() is >= 0 and var read ? (byte)read : throw new EndOfStreamException();

    /// <exception cref="EndOfStreamException"></exception>
    public void Read(Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            var some = ReadSome(into.Length);
            if (some.IsEmpty)
                throw new EndOfStreamException();
            some.CopyTo(into);
            into = into[some.Length..];
        }
    }

    /// <exception cref="EndOfStreamException"></exception>
    public void Skip(long bytes)
    {
        while (bytes > 0)
        {
            var some = ReadSome((int)Math.Min(bytes, buffer.Length));
            if (some.IsEmpty)
                throw new EndOfStreamException();
            bytes -= some.Length;
        }
    }

    /// <summary>Up to so many of the next bytes, good until the next call; none at the end.</summary>
    public ReadOnlySpan<byte> ReadSome(int most)
    {
        if (next == filled && !Fill())
            return [];
        var count = Math.Min(most, filled - next);
        var some = buffer.AsSpan(next, count);
        next += count;
        Position += count;
        return some;
    }

    private bool Fill()
    {
        next = 0;
        filled = content.Read(buffer);
        return filled > 0;
    }
}
