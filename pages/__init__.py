"""TELLS: the Streamlit pages."""
