using System.Collections.Frozen;
using System.Globalization;

namespace Talent.Workflows.Approvals.People.Codes;

/// <summary>The characters of image challenges as pen strokes in a square of one by one, from its top left.</summary>
internal static class StrokeFont
{
    // x,y of each point; '|' lifts the pen.
    private static readonly FrozenDictionary<char, (double X, double Y)[][]> Strokes = new Dictionary<char, string>
    {
        ['2'] = "0,.25 .15,.06 .5,0 .85,.06 1,.25 .9,.48 0,1 1,1",
        ['3'] = "0,.1 .5,0 .95,.12 .9,.38 .4,.48 .95,.6 1,.85 .5,1 0,.9",
        ['4'] = "1,.68 0,.68 .7,0 .7,1",
        ['6'] = ".85,0 .3,.25 0,.65 .15,.93 .5,1 .88,.93 1,.72 .85,.52 .45,.48 .08,.66",
        ['7'] = "0,0 1,0 .4,1",
        ['9'] = "1,.35 .85,.5 .45,.53 .08,.4 .05,.15 .4,0 .85,.06 1,.35 .75,.75 .2,1",
        ['A'] = "0,1 .5,0 1,1|.2,.65 .8,.65",
        ['C'] = "1,.15 .6,0 .2,.1 0,.5 .2,.9 .6,1 1,.85",
        ['E'] = "1,0 0,0 0,1 1,1|0,.48 .8,.48",
        ['F'] = "1,0 0,0 0,1|0,.48 .8,.48",
        ['H'] = "0,0 0,1|1,0 1,1|0,.5 1,.5",
        ['J'] = ".3,0 1,0|.7,0 .7,.8 .4,1 .05,.85",
        ['K'] = "0,0 0,1|1,0 0,.58|.3,.42 1,1",
        ['L'] = "0,0 0,1 1,1",
        ['M'] = "0,1 0,0 .5,.6 1,0 1,1",
        ['N'] = "0,1 0,0 1,1 1,0",
        ['P'] = "0,1 0,0 .7,0 1,.15 1,.38 .7,.52 0,.52",
        ['R'] = "0,1 0,0 .7,0 1,.15 1,.38 .7,.52 0,.52|.5,.52 1,1",
        ['T'] = "0,0 1,0|.5,0 .5,1",
        ['W'] = "0,0 .22,1 .5,.35 .78,1 1,0",
        ['X'] = "0,0 1,1|1,0 0,1",
        ['Y'] = "0,0 .5,.5 1,0|.5,.5 .5,1",
    }.ToFrozenDictionary(c => c.Key, c => c.Value.Split('|').Select(stroke => stroke.Split(' ').Select(Point).ToArray()).ToArray());

    /// <exception cref="KeyNotFoundException">No character of <see cref="ChallengeImage.Alphabet"/>.</exception>
    public static (double X, double Y)[][] Of(char character) => Strokes[character];

    private static (double X, double Y) Point(string text) => text.Split(',') is [var x, var y]
        ? (double.Parse(x, CultureInfo.InvariantCulture), double.Parse(y, CultureInfo.InvariantCulture)) : throw new FormatException(text);
}
