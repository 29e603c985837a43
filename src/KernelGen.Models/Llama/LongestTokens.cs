namespace KernelGen.Models;

/// <summary>
/// The longest token that begins at each character of a text, in time linear in text and vocabulary: the automaton of
/// Aho and Corasick (1975) over the reversed tokens reads the text from its end.
/// </summary>
internal sealed class LongestTokens
{
    private const int None = -1;

    /// <summary>Children by node and character; node 0 is the root.</summary>
    private readonly Dictionary<(int Node, char Character), int> _next = [];

    /// <summary>Per node: the longest proper ending that is a node, the length of its longest token, and that token.</summary>
    private readonly List<(int Fallback, int Length, int Token)> _nodes = [(0, 0, None)];

    public LongestTokens(IEnumerable<KeyValuePair<string, int>> tokens)
    {
        List<(int Parent, char Character)> edges = [(None, '\0')];
        foreach ((string token, int number) in tokens.Where(pair => pair.Key.Length > 0))
        {
            int node = 0;
            for (int i = token.Length - 1; i >= 0; i--)
            {
                if (!_next.TryGetValue((node, token[i]), out int child))
                {
                    child = _nodes.Count;
                    _next.Add((node, token[i]), child);
                    _nodes.Add((0, 0, None));
                    edges.Add((node, token[i]));
                }
                node = child;
            }
            _nodes[node] = (0, token.Length, number);
        }
        foreach (int node in ByDepth(edges))
        {
            (int parent, char character) = edges[node];
            int fallback = parent == 0 ? 0 : Step(_nodes[parent].Fallback, character);
            (_, int length, int token) = _nodes[node].Token == None ? _nodes[fallback] : _nodes[node];
            _nodes[node] = (fallback, length, token);
        }
    }

    /// <summary>For each character of a text the token and its length; length 0 where none begins.</summary>
    public (int Token, int Length)[] In(ReadOnlySpan<char> text)
    {
        var found = new (int, int)[text.Length];
        int node = 0;
        for (int i = text.Length - 1; i >= 0; i--)
        {
            node = Step(node, text[i]);
            found[i] = (_nodes[node].Token, _nodes[node].Length);
        }
        return found;
    }

    private int Step(int node, char character)
    {
        int next;
        while (!_next.TryGetValue((node, character), out next) && node != 0)
        {
            node = _nodes[node].Fallback;
        }
        return next; // 0, the root, where nothing continues
    }

    /// <summary>All nodes but the root, parents before children and shorter before longer.</summary>
    private static IEnumerable<int> ByDepth(List<(int Parent, char Character)> edges)
    {
        var depth = new int[edges.Count];
        for (int node = 1; node < depth.Length; node++)
        {
            depth[node] = depth[edges[node].Parent] + 1;
        }
        return Enumerable.Range(1, depth.Length - 1).OrderBy(node => depth[node]);
    }
}
