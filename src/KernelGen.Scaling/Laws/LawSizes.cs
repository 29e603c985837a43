namespace KernelGen.Scaling;

/// <summary>The sizes a law reads; a run table may lack the others.</summary>
[Flags]
public enum LawSizes
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>Parameters N.</summary>
    Params = 1,

    /// <summary>Training tokens D.</summary>
    Tokens = 2,

    /// <summary>Both.</summary>
    Both = Params | Tokens,
}
