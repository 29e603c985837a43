namespace KernelGen.Training;

/// <summary>How far a run is; the numbers stand in databases.</summary>
public enum RunState
{
    /// <summary>No one has it.</summary>
    Waiting = 0,

    /// <summary>A process trains it, or did when it was killed.</summary>
    Claimed = 1,

    /// <summary>Its outcome is stored.</summary>
    Done = 2,

    /// <summary>It ended in an error, which is stored.</summary>
    Failed = 3,
}
