namespace Talent.Workflows.Approvals.Messages.Templates;

/// <summary>
/// How long an SMS is and how many it is charged as: one up to 70 characters, above that pieces of 67.
/// Mainland providers count every character, Latin ones too, as one; a surrogate pair counts as two (UCS-2).
/// </summary>
/// <param name="Characters">UTF-16 units, signature and its brackets included.</param>
/// <param name="Segments">Messages charged.</param>
public sealed record SmsLength(int Characters, int Segments)
{
    public const int Single = 70;
    public const int Piece = 67;

    public static SmsLength Of(string signName, string text)
    {
        int characters = "【】".Length + signName.Length + text.Length;
        return new SmsLength(characters, characters <= Single ? 1 : (characters + Piece - 1) / Piece);
    }
}
